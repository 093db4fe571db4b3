using Aegis.Tools.Files;
using Aegis.Tools.Git;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

/// <summary>The tools over the product's own sandbox and overlays: what the stand-in cannot show.</summary>
public sealed class RealGateTests
{
    [Fact]
    public async Task CloneChangeCommitPush_OverTwoSteps_GoesRound()
    {
        using var git = new GitFixture();
        await using var gate = await AttemptGate.OpenAsync();
        var repository = git.Repository();
        var (layer, cloned) = await gate.AttemptAsync(Contexts.Of("run_1", "clone", 1, repository), [],
            (new GitClone(), new { }),
            (new GitStatus(), new { }));
        Assert.All(cloned, r => r.MustWork());
        Assert.True(cloned[1].Output("clean").GetBoolean());

        var (_, results) = await gate.AttemptAsync(Contexts.Of("run_1", "work", 1, repository), [layer],
            (new ShellExec(), new { cmd = "echo n=1 >> $AEGIS_OUTPUT; cat README.md", cwd = "app" }),
            (new ShellExec(), new { cmd = "test -t 1 && tty >/dev/null && echo terminal", cwd = "app",
                pty = true }),
            (new FileWrite(), new { path = "app/new.txt", content = "new\n" }),
            (new FilePatch(), new
            {
                patch = "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-one\n+two\n"
                    + "--- a/src/b.txt\n+++ /dev/null\n"
                    + "@@ -1 +0,0 @@\n-b\n",
                cwd = "app",
            }),
            (new FileRead(), new { path = "app/README.md" }),
            (new FileList(), new { path = "app", depth = 3 }),
            (new FileSearch(), new { pattern = "^a$", path = "app" }),
            (new GitDiff(), new { }),
            (new GitBranch(), new { name = "work" }),
            (new GitCommit(), new { message = "work" }),
            (new GitPush(), new { }));
        Assert.All(results, r => r.MustWork());
        Assert.Equal(("one\n", "1"), (results[0].Text, results[0].Output("n").GetString()));
        Assert.Equal("terminal", results[1].Text!.Trim());
        Assert.Equal("two\n", results[4].Text);
        Assert.Equal(".git/\nREADME.md 4\nnew.txt 4\nsrc/\nsrc/a.txt 2\n", results[5].Text);
        Assert.Equal("app/src/a.txt:1:a\n", results[6].Text);
        Assert.Equal(results[9].Output("sha").GetString(), git.InBare("rev-parse", "work"));
        Assert.Equal("README.md\nnew.txt\nsrc/a.txt", git.InBare("ls-tree", "-r", "--name-only", "work"));
    }

    [Fact]
    public async Task Command_PastItsTimeout_IsEndedAndSaysSo()
    {
        await using var gate = await AttemptGate.OpenAsync();
        var (_, results) = await gate.AttemptAsync(Contexts.Of("run_1", "slow"), [],
            (new ShellExec(), new { cmd = "sleep 60", timeout = 300 }));
        results[0].MustFail("AEGIS2102");
    }
}
