using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>git runs programs named by settings, by URLs, by options and by its environment.</summary>
internal static class GitGuards
{
    private static readonly ImmutableArray<string> Git = ["git"];

    private static readonly ImmutableArray<string> Values =
        ["-c", "-C", "--git-dir", "--work-tree", "--namespace", "--config-env", "--super-prefix",
        "--attr-source"];

    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("git.option", Git,
            new OptionsOtherThan(
                GuardPattern.Find(@"^(-P|--no-pager|-v|--version|-h|--help|--no-optional-locks"
                    + @"|--no-replace-objects"
                    + @"|--literal-pathspecs|--no-lazy-fetch|--no-advice|-C)\z"), Values),
            "an option before the subcommand can name programs, settings and folders", "leave it out",
            ["git -c core.pager=x log", "git -ccore.pager=x log", "git --exec-path=/tmp status",
                "git --config-env=a=b status", "git --git-dir=/x log", "git --work-tree /x log", "git -p log",
                "git --bare log", "git --exec-path /tmp status"],
            ["git status -s", "git --no-pager log", "git -C sub status", "git checkout -c",
                "git switch -c x"]),
        new("git.folder", Git, new PathOutside("-C"), "it leads out of the work folder", "use a folder below",
            ["git -C /etc status", "git -C ../x log", "git -C a/../../x log"],
            ["git -C sub status", "git -C /work/app status", "git diff -C"]),
        new("git.transport", Git, new Pattern(GuardPattern.Find(@"^(--?[a-z-]+=)?[A-Za-z0-9+.-]+::")),
            "such an address names a program to run", "use https",
            ["git clone 'ext::sh -c x'", "git fetch fd::7", "git ls-remote ext::x"],
            ["git clone https://example.org/a", "git log --format=%h"]),
        new("git.remote-program", Git,
            new LongOption(["upload-pack", "receive-pack", "exec", "upload-archive"],
                ["unshallow", "update-refs",
                "reflog", "recursive", "relative", "remote", "remotes", "recurse-submodules", "ext",
                    "rebase", "ref",
                "refs", "update", "up", "exclude"]),
            "the option names a program to run", "leave it out",
            ["git fetch --upload-pack=x", "git clone --upload-pack x y", "git push --receive-pack=x",
                "git push --exec=x", "git ls-remote --upload-p=x", "git archive --exec=x",
                    "git rebase --exec x",
                "git rebase --exe x"],
            ["git push --force-with-lease", "git fetch --unshallow", "git log --exclude=x"]),
        new("git.clone-program", Git,
            new Verb(["clone", "init"], new LongOption(["config", "template"], ["tags"]), Values),
            "it brings settings or hooks of its own", "leave it out",
            ["git clone --config a=b u", "git clone --template=x u", "git init --template x"],
            ["git clone --depth 1 u", "git init"]),
        new("git.clone-short", Git, new Verb(["clone", "fetch-pack", "clone-pack"], new ShortOption("cu"),
            Values),
            "it names settings or a program", "leave it out",
            ["git clone -c a=b u", "git clone -u x y"], ["git clone -q u", "git push -u origin x"]),
        new("git.rebase-exec", Git, new Verb(["rebase"], new ShortOption("xi"), Values),
            "it runs commands or an editor", "leave it out", ["git rebase -x ls main", "git rebase -i main"],
            ["git rebase main"]),
        new("git.config", Git,
            new Verb(["config"],
                new OptionsOtherThan(GuardPattern.Find(@"^(-l|-z|--list|--get|--get-all|--show-origin"
                    + @"|--local|--null)\z")),
                Values),
            "settings of git can name programs", "use git config --get <name>",
            ["git config --global a.b c", "git config --add a.b c", "git config -e",
            "git config --unset a.b"],
            ["git config --get user.name", "git config --list"]),
        new("git.config-write", Git,
            new Verb(["config"],
                new Pattern(GuardPattern.Find(@"^(set|edit|unset|rename-section|remove-section)\z")),
                Values),
            "settings of git can name programs", "use git config --get <name>",
            ["git config set a.b c", "git config edit"], ["git config --get user.name"]),
        new("git.config-implied", Git, new Verb(["config"], new ConfigAssignment(), Values),
            "settings of git can name programs", "use git config --get <name>",
            ["git config a.b c", "git config --local a.b c", "git config core.pager"],
            ["git config --get user.name", "git config -l"]),
        new("git.runs", Git,
            new Verb(["bisect", "filter-branch", "difftool", "mergetool", "instaweb", "web--browse",
                "daemon", "shell",
                "hook", "for-each-repo", "send-email", "imap-send", "svn", "p4", "cvsimport", "cvsserver",
                "cvsexportcommit", "credential", "credential-cache", "credential-store", "maintenance",
                "remote-ext",
                "remote-fd", "upload-pack", "receive-pack", "upload-archive", "fast-import", "gui", "citool",
                "gitk",
                "http-backend", "sh-i18n", "filter-repo", "archimport", "quiltimport", "var", "help"],
                new Always(), Values),
            "the subcommand runs other programs", null,
            ["git bisect run ls", "git filter-branch --tree-filter ls", "git difftool -x ls",
            "git help -w log"],
            ["git log", "git diff"]),
        new("git.submodule", Git, new Verb(["submodule"], new Word("foreach"), Values),
            "it runs a command in each submodule", null, ["git submodule foreach ls"],
                ["git submodule status"]),
        new("git.remote-setting", Git,
            new Verb(["remote"], new Word("add", "set-url", "update", "rename", "set-branches"), Values),
            "it changes where the repository's commits go", "use git.push", ["git remote add x u"],
            ["git remote -v"]),
        new("git.grep-pager", Git, new Verb(["grep"], new ShortOption("O"), Values),
            "it opens files in a program",
            "leave it out", ["git grep -Ols x"], ["git grep -n x"]),
        new("git.open-pager", Git,
            new LongOption(["open-files-in-pager", "ext-diff", "textconv", "extcmd", "edit", "editor",
                "gpg-sign",
                    "contents", "interactive", "extra-arg"],
                ["exclude", "exclude-standard", "exclude-per-directory", "text", "tex", "extended-regexp",
                    "encoding",
                    "empty", "in", "int", "index", "include", "e", "g", "i", "t", "o", "ex", "graph", "grep",
                    "oneline",
                    "only", "output", "ours", "onto", "origin", "orphan", "global", "theirs", "tags",
                    "track", "cont",
                    "count", "c", "co", "con", "contains", "committer", "color", "cached", "cc", "combined",
                    "continue"]),
            "the option runs a program or an editor", "leave it out",
            ["git diff --ext-diff", "git log --textconv", "git grep --open-files-in-pager=ls x",
            "git commit --edit"],
            ["git commit -m x --no-edit", "git log --graph --oneline", "git rebase --continue",
                "git diff --cached"]),
        new("git.force", Git, new Verb(["push"], new LongOption(["force", "mirror", "delete", "prune"],
                ["force-with-lease", "force-if-includes", "progress", "porcelain", "dry-run",
                    "push-option"]), Values),
            "it throws away what others pushed", "use --force-with-lease",
            ["git push --force origin x", "git push --mirror", "git push --delete origin x"],
            ["git push origin x", "git push --force-with-lease origin x"], Decision.Ask),
        new("git.force-short", Git, new Verb(["push"], new ShortOption("fd"), Values),
            "it throws away what others pushed", "use --force-with-lease",
            ["git push -f", "git push -d origin x"], ["git push -u origin x"], Decision.Ask),
        new("git.force-refspec", Git, new Verb(["push"], new Pattern(GuardPattern.Find(@"^[+:].")), Values),
            "it throws away what others pushed", "push without + or :",
            ["git push origin +main", "git push origin :main"], ["git push origin HEAD:main"], Decision.Ask),
    ];

    /// <summary>git config without --get or --list: one name reads, two write; both are refused, since newer
    /// and older versions of git read the words differently.</summary>
    private sealed record ConfigAssignment : ArgumentMatch
    {
        public override bool Hits(GuardedCommand command) =>
            !command.Arguments.Any(a => a.Text is "--get" or "--get-all" or "--list" or "-l");
    }
}
