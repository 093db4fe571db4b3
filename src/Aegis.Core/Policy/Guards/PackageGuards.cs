using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>Package managers run what a repository's own files say, which is what the sandbox is for. These
/// guards stop what comes from the command line instead.</summary>
internal static class PackageGuards
{
    private static readonly ImmutableArray<string> Npm = ["npm", "pnpm", "yarn", "yarnpkg"];

    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("npm.option", Npm,
            new OptionsOtherThan(GuardPattern.Find(@"^(-s|-v|-h|--silent|--quiet|--version|--help|--offline"
                + @"|--ignore-scripts|--no-audit|--no-fund|--no-color)\z")),
            "an option before the subcommand can hide it", "write the subcommand first",
            ["npm --script-shell x test", "npm --prefix /x ci", "npm -C /x ci", "pnpm --dir /x i"],
            ["npm ci", "npm --silent test", "npm run build", "npm ci --prefer-offline"]),
        new("npm.program", Npm,
            new LongOption(["script-shell", "prefix", "userconfig", "globalconfig", "node-options", "git",
                "shell",
                    "editor", "viewer", "browser", "init-module", "init.module", "call", "package",
                    "onload-script",
                    "cafile", "global", "location", "global-dir", "dir", "modules-dir", "cwd", "use-yarnrc",
                    "node-gyp",
                    "shell-emulator", "shell-mode"],
                ["prefer-offline", "prefer-online", "production", "prod", "preid", "parseable",
                    "package-lock",
                    "package-lock-only", "no-package-lock", "only", "omit", "offline", "if-present",
                    "include", "ignore-scripts",
                    "cache", "ci", "color", "depth", "dev", "diff", "dry-run", "pack-destination",
                    "progress", "p",
                    "per", "s", "silent", "save", "save-dev", "save-exact", "scope", "strict-peer-deps",
                    "version",
                    "legacy-peer-deps", "loglevel", "long", "no-audit", "no-fund", "no", "workspace",
                    "workspaces", "u"],
                EndsAtDashes: true),
            "the option names a program, a file of settings or another folder", "leave it out",
            ["npm run build --script-shell=x", "npm test --script-shell x", "npm ci --prefix /x",
            "npm i --global x",
                "npm ci --userconfig x", "npm ci --script-sh x", "npm run build --node-options=-r./x",
                "yarn --cwd /x"],
            ["npm ci --prefer-offline --no-audit", "npm test -- --prefix x", "npm run build --silent",
                "npm ci --ignore-scripts", "npm ci --include=dev"]),
        new("npm.short", ["npm", "pnpm"], new NpmShort(), "it names another folder or place",
            "leave it out", ["npm ci -C /x", "npm i -g x", "pnpm i -C x"],
                ["npm ci -s", "npm test -- -g x", "npm i -D x"]),
        new("npm.runs", Npm,
            new Verb(["exec", "x", "explore", "dlx", "create", "init", "innit", "edit", "node", "config",
                "c", "set",
                "get", "set-script", "link", "ln", "help", "docs", "home", "bugs", "repo", "env", "hook",
                "completion",
                "plugin", "setup", "self-update", "server"], new Always()),
            "the subcommand runs other programs or changes settings",
                "use npm ci, npm test or npm run <script>",
            ["npm exec x", "npm x y", "npm explore a ls", "npm config set script-shell x", "npm init x",
            "yarn dlx x",
                "pnpm dlx x", "yarn node -e x"],
            ["npm run exec", "npm test", "npm ci", "pnpm install", "yarn install"]),
        new("npm.publish", Npm,
            new Verb(["publish", "unpublish", "deprecate", "owner", "access", "dist-tag", "login", "logout",
                "adduser",
                "token", "profile", "star", "team", "org"], new Always()),
            "it speaks to a registry in somebody's name", null, ["npm publish", "npm owner add x"],
                ["npm pack"],
            Decision.Ask),
        new("npx.runs", ["npx", "pnpx", "bunx", "corepack", "uvx", "pipx"], new Always(),
            "it fetches and runs any program", "add it to the repository's scripts and use npm run",
            ["npx eslint .", "bunx x", "npx -c ls"], ["npm run lint"]),
        new("pip.program", ["pip"],
            new LongOption(["python", "config-settings", "global-option", "build-option", "target", "prefix",
                "root"],
                ["progress-bar", "pre", "report", "require-virtualenv", "requirement", "require-hashes",
                    "prefer-binary",
                    "timeout", "trusted-host", "constraint", "cache-dir", "cert", "client-cert",
                    "no-binary"]),
            "the option names a program, options of one, or another folder", "leave it out",
            ["pip install --python x y", "pip install --target /x y", "pip3 install --global-option=x y"],
            ["pip install -r requirements.txt", "pip install --no-index x", "pip install --pre x"]),
        new("gh.runs", ["gh", "glab", "hub"], new Verb(["alias", "extension", "ext", "config", "auth", "api"],
                new Always(), ["-R", "--repo"]),
            "the subcommand runs programs or speaks in somebody's name", "use repo.pr.create",
            ["gh alias set x '!ls'", "gh extension exec x", "gh api x", "gh -R a/b api x"], ["gh pr list"]),
    ];

    private sealed record NpmShort : ArgumentMatch
    {
        public override bool Hits(GuardedCommand command) => command.Arguments
            .TakeWhile(a => a.Text != "--")
            .Any(a => a.Text.Length > 1 && a.Text[0] == '-' && a.Text[1] != '-'
            && a.Text.AsSpan().IndexOfAny("Cgcp") > 0);
    }
}
