using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Guards;

namespace Aegis.Core.Tests.Policy;

public sealed class CommandPolicyTests
{
    // the tiers of document 1
    private static readonly string[] Free = ["git status", "git diff", "ls", "cat", "grep"];

    private static readonly string[] Basic =
        ["git status", "git diff", "git checkout", "git add", "git commit", "git push", "ls", "cat",
            "grep", "npm ci", "npm run build", "npm test"];

    private static readonly string[] Pro =
        ["git *", "npm *", "pnpm *", "yarn *", "pytest *", "python *", "node *", "bash -lc *", "find",
            "tar", "xargs", "env", "sed", "awk", "ssh", "rsync", "make", "sh", "bash"];

    [Theory]
    [InlineData("git status", Decision.Allow)]
    [InlineData("git status -s", Decision.Allow)]
    [InlineData("git stash", Decision.Deny)]
    [InlineData("git", Decision.Deny)]
    [InlineData("git statuses", Decision.Deny)]
    [InlineData("/usr/bin/git status", Decision.Deny)]
    [InlineData("ls -la src | grep x", Decision.Allow)]
    [InlineData("ls && rm -rf .", Decision.Deny)]
    [InlineData("cat ./*.md", Decision.Allow)]
    [InlineData("cat *.md", Decision.Deny)]
    [InlineData("git s*", Decision.Deny)]
    [InlineData("git 'status'", Decision.Allow)]
    [InlineData("git diff --ext-diff", Decision.Deny)]
    public void Evaluate_FreeTier_AllowsPrefixesOnly(string line, Decision expected) =>
        Assert.Equal(expected, CommandPolicy.Evaluate(Free, line).Decision);

    [Theory]
    [InlineData("npm ci && npm run build", Decision.Allow)]
    [InlineData("npm run build --script-shell=/tmp/x", Decision.Deny)]
    [InlineData("npm run deploy", Decision.Deny)]
    [InlineData("git push origin HEAD:feat/x", Decision.Allow)]
    [InlineData("git push --force", Decision.Ask)]
    [InlineData("git push --force && rm x", Decision.Deny)]
    [InlineData("git commit -m 'a; b && $(c)'", Decision.Allow)]
    public void Evaluate_BasicTier_StrictestWins(string line, Decision expected) =>
        Assert.Equal(expected, CommandPolicy.Evaluate(Basic, line).Decision);

    [Theory]
    [InlineData("bash -lc 'npm ci && npm run build'", Decision.Allow)]
    [InlineData("bash -lc 'npm ci && rm -rf .'", Decision.Deny)]
    [InlineData("bash -lc 'npm ci > x'", Decision.Deny)]
    [InlineData("bash -lc 'npm ci > /dev/null 2>&1'", Decision.Allow)]
    [InlineData("bash -lc \"npm $x\"", Decision.Deny)]
    [InlineData("bash -lc 'npm ci' \"$x\"", Decision.Allow)]
    [InlineData("if npm ci; then git status; fi", Decision.Allow)]
    [InlineData("if npm ci; then curl x; fi", Decision.Deny)]
    [InlineData("git log \"$(curl x)\"", Decision.Deny)]
    [InlineData("git log `curl x`", Decision.Deny)]
    [InlineData("npm ci\ncurl x", Decision.Deny)]
    [InlineData("npm ci <<X\n$(curl x)\nX", Decision.Deny)]
    [InlineData("npm ci <<'X'\n$(curl x)\nX", Decision.Allow)]
    [InlineData("PATH=. npm ci", Decision.Deny)]
    [InlineData("CI=1 npm ci", Decision.Allow)]
    [InlineData("export NODE_OPTIONS=x; npm ci", Decision.Deny)]
    [InlineData("export CI=1; npm ci", Decision.Allow)]
    [InlineData("x=npm; $x ci", Decision.Deny)]
    [InlineData("$(echo npm) ci", Decision.Deny)]
    [InlineData("git status; f() { curl x; }", Decision.Deny)]
    [InlineData("f() { npm ci; }; f", Decision.Allow)]
    [InlineData("if false; then curl() { :; }; fi; curl x", Decision.Deny)]
    [InlineData("f() { :; }; unset -f f; f", Decision.Deny)]
    [InlineData("f() { :; }; unset f; f", Decision.Deny)]
    [InlineData("find . -name $x", Decision.Deny)]
    [InlineData("git {-c,a=b} log", Decision.Deny)]
    [InlineData("git $'\\x2dc' a=b log", Decision.Deny)]
    [InlineData("gi$'\\x74' status", Decision.Allow)]
    [InlineData("npm ci > package.json", Decision.Deny)]
    [InlineData("while read -r line; do npm test; done < list", Decision.Allow)]
    [InlineData("while IFS= read -r line; do npm test; done", Decision.Allow)]
    [InlineData("IFS=x; npm ci", Decision.Deny)]
    [InlineData("[ -f package.json ] && npm ci", Decision.Allow)]
    [InlineData("[[ -f package.json ]] || exit 1", Decision.Allow)]
    [InlineData("node <(curl x)", Decision.Deny)]
    [InlineData("node <(git show HEAD:x.js)", Decision.Deny)]
    [InlineData("set -euo pipefail; npm ci", Decision.Allow)]
    [InlineData("bash -lc \"bash -lc 'git status'\"", Decision.Allow)]
    [InlineData("bash -lc \"bash -lc 'curl x'\"", Decision.Deny)]
    [InlineData("bash -lc 'git -c a=b log'", Decision.Deny)]
    [InlineData("bash -lc 'git push --force'", Decision.Ask)]
    [InlineData("sh scripts/build.sh", Decision.Allow)]
    [InlineData("git log | sh", Decision.Deny)]
    [InlineData("git log | python", Decision.Deny)]
    [InlineData("git -c core.sshCommand=x fetch", Decision.Deny)]
    [InlineData("git --exec-path=/tmp status", Decision.Deny)]
    [InlineData("git fetch --upload-pack x", Decision.Deny)]
    [InlineData("git push --receive-pack x", Decision.Deny)]
    [InlineData("git -C /etc status", Decision.Deny)]
    [InlineData("git --config-env=a=b status", Decision.Deny)]
    [InlineData("git clone 'ext::sh -c ls'", Decision.Deny)]
    [InlineData("npm --prefix /x test", Decision.Deny)]
    [InlineData("npm exec x", Decision.Deny)]
    [InlineData("find . -exec rm '{}' ';'", Decision.Deny)]
    [InlineData("find . -execdir ls", Decision.Deny)]
    [InlineData("find . -ok ls", Decision.Deny)]
    [InlineData("find . -delete", Decision.Deny)]
    [InlineData("find . -fprintf a b", Decision.Deny)]
    [InlineData("tar xf a --checkpoint=1 --checkpoint-action=exec=sh", Decision.Deny)]
    [InlineData("tar xf a --to-command=sh", Decision.Deny)]
    [InlineData("tar -I sh -xf a", Decision.Deny)]
    [InlineData("xargs rm", Decision.Deny)]
    [InlineData("env rm x", Decision.Deny)]
    [InlineData("python -c 'import os'", Decision.Deny)]
    [InlineData("node -e x", Decision.Deny)]
    [InlineData("node --eval=x", Decision.Deny)]
    [InlineData("awk 'BEGIN { system(\"x\") }'", Decision.Deny)]
    [InlineData("sed '1e x' a", Decision.Deny)]
    [InlineData("sed 'w x' a", Decision.Deny)]
    [InlineData("ssh -o ProxyCommand=x h", Decision.Deny)]
    [InlineData("rsync -e x a b", Decision.Deny)]
    [InlineData("make SHELL=/tmp/x", Decision.Deny)]
    [InlineData("make test", Decision.Allow)]
    [InlineData("python -m pytest -q", Decision.Allow)]
    [InlineData("node --test", Decision.Allow)]
    public void Evaluate_ProTier_GuardsHoldWhateverTheListSays(string line, Decision expected)
    {
        var decision = CommandPolicy.Evaluate(Pro, line);
        Assert.True(expected == decision.Decision,
            $"{decision.Decision}: {decision.Error} {string.Join(", ", decision.Matched)}");
    }

    [Fact]
    public void Evaluate_AllowedLine_ListsTheRulesThatMatched()
    {
        var decision = CommandPolicy.Evaluate(["npm *", "npm ci", "git status"], "npm ci");
        MatchedRule[] matched =
        [
            new("allow: npm *", Decision.Allow, "npm ci", "it is on the list"),
            new("allow: npm ci", Decision.Allow, "npm ci", "it is on the list"),
        ];
        Assert.Equal(matched, decision.Matched.ToArray());
        Assert.Equal((Decision.Allow, matched[0], null),
            (decision.Decision, decision.Deciding, decision.Error));
    }

    [Fact]
    public void Evaluate_DeniedLine_NamesTheRuleTheReasonAndTheMend()
    {
        var decision = CommandPolicy.Evaluate(["git *"], "git status && git -c a=b log");
        Assert.Equal(new MatchedRule("git.option", Decision.Deny, "git -c a=b log",
            "an option before the subcommand can name programs, settings and folders", "leave it out"),
            decision.Deciding);
        Assert.Equal(new AegisError("AEGIS1141", "git.option: an option before the subcommand can name "
            + "programs, settings and folders",
            null, "git -c a=b log", "leave it out"), decision.Error);
    }

    [Theory]
    [InlineData("ls > out", "tee", Decision.Allow)]
    [InlineData("ls > out", "tee out", Decision.Allow)]
    [InlineData("ls > other", "tee out", Decision.Deny)]
    [InlineData("ls > \"$x\"", "tee out", Decision.Deny)]
    [InlineData("ls >> out", "cat", Decision.Deny)]
    [InlineData("ls <> out", "cat", Decision.Deny)]
    [InlineData("{ ls; } > out", "cat", Decision.Deny)]
    [InlineData("> out", "cat", Decision.Deny)]
    [InlineData("ls >> $AEGIS_OUTPUT", "cat", Decision.Allow)]
    [InlineData("{ ls; ls; } >> \"${AEGIS_OUTPUT}\"", "cat", Decision.Allow)]
    [InlineData("ls >> '$AEGIS_OUTPUT'", "cat", Decision.Deny)]
    [InlineData("ls >> $AEGIS_OUTPUT.sh", "cat", Decision.Deny)]
    [InlineData("AEGIS_OUTPUT=x; ls >> $AEGIS_OUTPUT", "cat", Decision.Deny)]
    [InlineData("export AEGIS_OUTPUT=x; ls >> $AEGIS_OUTPUT", "cat", Decision.Deny)]
    [InlineData("for AEGIS_OUTPUT in x; do ls >> $AEGIS_OUTPUT; done", "cat", Decision.Deny)]
    [InlineData("read AEGIS_OUTPUT; ls >> $AEGIS_OUTPUT", "cat", Decision.Deny)]
    [InlineData("ls ${AEGIS_OUTPUT:=x}; ls >> $AEGIS_OUTPUT", "cat", Decision.Deny)]
    [InlineData("ls 2> /dev/null >&2 < in", "cat", Decision.Allow)]
    public void Evaluate_FileThatTheShellWrites_IsJudgedAsTee(string line, string entry, Decision expected) =>
        Assert.Equal(expected, CommandPolicy.Evaluate(["ls", entry], line).Decision);

    [Fact]
    public void Evaluate_EmptyList_DeniesEverything() => Assert.Equal(
        new AegisError("AEGIS1140", "ls is not allowed", "an allow list; there is none", "ls",
            "add it to policy.allow_commands, if it shall run"), CommandPolicy.Evaluate([], "ls").Error);

    [Theory]
    [InlineData(3, Decision.Allow)]
    [InlineData(4, Decision.Allow)]
    [InlineData(5, Decision.Deny)]
    public void Evaluate_NestedShells_UpToTheLimit(int depth, Decision expected)
    {
        var line = "ls";
        for (var i = 0; i < depth; i++)
        {
            var quoted = line.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal);
            line = $"sh -c \"{quoted}\"";
        }
        Assert.Equal(expected, CommandPolicy.Evaluate(["sh", "ls"], line).Decision);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("git && ls")]
    [InlineData("npm run *:build")]
    [InlineData("$X")]
    [InlineData("")]
    [InlineData("a > b")]
    [InlineData("a $X")]
    [InlineData("A=1 a")]
    [InlineData("A=1")]
    [InlineData("a $(b)")]
    [InlineData("if a; then b; fi")]
    public void Evaluate_EntryThatCannotBeRead_FailsClosed(string entry)
    {
        var decision = CommandPolicy.Evaluate(["ls", entry], "ls");
        Assert.Equal((Decision.Deny, "allow-list"), (decision.Decision, decision.Deciding?.Rule));
        Assert.NotNull(decision.Error);
    }

    [Fact]
    public void GuardTable_EveryRule_HasExamplesBothWaysAndANameOfItsOwn()
    {
        Assert.Empty(GuardTable.BrokenExamples());
        Assert.All(GuardTable.All,
            r => Assert.True(r.Hits.Length > 0 && r.Misses.Length > 0 && r.Reason.Length > 0, r.Id));
        Assert.Equal(GuardTable.All.Length, GuardTable.All.Select(r => r.Id).Distinct().Count());
        Assert.True(GuardTable.All.Length > 90, $"{GuardTable.All.Length} rules");
    }

    [Theory]
    [InlineData("PATH", true)]
    [InlineData("ld_preload", true)]
    [InlineData("npm_config_script_shell", true)]
    [InlineData("GIT_CONFIG_COUNT", true)]
    [InlineData("NODE_ENV", false)]
    [InlineData("GIT_AUTHOR_NAME", false)]
    [InlineData("PATHS", false)]
    public void EnvironmentNames_VariablesThatRunCode_AreDenied(string name, bool expected) =>
        Assert.Equal(expected, EnvironmentNames.WhyDenied(name) is not null);
}
