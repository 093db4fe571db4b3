using Aegis.Core.Errors;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class RecoveryTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Server_KilledInTheMiddle_LeavesNoProcessAndNoHalfWrittenFile()
    {
        var root = Directory.CreateDirectory(Path.Combine(sandbox.Home,
            $"killed-{Guid.NewGuid():n}")).FullName;
        var marker = $"marker-{Guid.NewGuid():n}";
        await using var server = await sandbox.Launcher.StartAsync(KilledServer.Spec("write", root, marker));
        var output = new StreamReader(server.Stdout);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("ready", await output.ReadLineAsync());
        }
        var descendants = Sightings.Records(marker).Where(r => r.Pid != server.Pid).ToList();
        Assert.True(descendants.Count >= 6, $"{descendants.Count} processes");
        server.Signal(9);
        foreach (var descendant in descendants)
        {
            await Sightings.EndOfAsync(descendant);
        }
        Assert.Empty(Sightings.Records(marker));

        // the next life: what was sealed stands, the rest is gone
        var workspaces = new Workspaces(root, sandbox.Runner);
        var again = await workspaces.OpenAsync("run_killed", ["one.1"], "two", 2);
        var ran = await SandboxFixture.RunAsync(sandbox.Runner,
            SandboxFixture.Spec("ls") with { Workspace = again });
        Assert.Equal("whole", ran.Stdout);
        Assert.Equal("two.2", Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(root,
            "run_killed", "a")))));
    }

    [Fact]
    public async Task Orphan_OfAnEarlierAttempt_IsEndedBeforeTheNextOpens()
    {
        // another runner over the same folder stands for the earlier life, still running
        await using var earlier = await SandboxRunner.CreateAsync(new SandboxOptions(), sandbox.Launcher);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await new Workspaces(sandbox.Home, earlier).OpenAsync("run_orphan", [], "one", 1);
        var orphan = earlier.RunAsync(SandboxFixture.Spec("sh", "-c",
            "echo half > f; echo ready; sleep 1000") with { Workspace = first },
            new SandboxIo(OnOutput: (_, _) =>
            {
                ready.TrySetResult();
                return default;
            }));
        await ready.Task;
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var second = await workspaces.OpenAsync("run_orphan", [], "one", 2);
        Assert.Equal(9, (await orphan).Signal);
        var ran = await SandboxFixture.RunAsync(sandbox.Runner,
            SandboxFixture.Spec("ls") with { Workspace = second });
        Assert.Equal((0, ""), (ran.Exit, ran.Stdout));
        await workspaces.DeleteRunAsync("run_orphan");
    }

    [Fact]
    public async Task Command_OverADiscardedAttempt_IsRefused()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_gone", [], "one", 1);
        await workspaces.DiscardAsync(workspace);
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            sandbox.Runner.RunAsync(SandboxFixture.Spec("true") with { Workspace = workspace },
                SandboxIo.None));
        Assert.Equal("AEGIS3024", error.Error.Code);
    }

    [Fact]
    public async Task Attempt_SealedButNeverRecorded_IsMadeAgain()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        for (var life = 0; life < 2; life++)
        {
            var workspace = await workspaces.OpenAsync("run_again", [], "one", 1);
            var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c",
                "ls; echo x > f") with { Workspace = workspace });
            Assert.Equal("", ran.Stdout);
            Assert.Equal("one.1", (await workspaces.SealAsync(workspace)).LayerId);
        }
        await workspaces.DeleteRunAsync("run_again");
    }
}
