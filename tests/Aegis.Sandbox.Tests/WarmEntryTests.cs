using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class WarmEntryTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Commands_OneAfterTheOther_AreTheSameWarmAndCold()
    {
        await using var cold = await SandboxRunner.CreateAsync(new SandboxOptions { WarmEntries = 0 },
            sandbox.Launcher);
        foreach (var runner in new[] { sandbox.Runner, cold })
        {
            for (var i = 0; i < 6; i++)
            {
                var spec = SandboxFixture.Spec("sh", "-c", "read x; echo $x $A; cat; ulimit -p; exit 3");
                spec = spec with
                {
                    Env = spec.Env.Add("A", $"{i}"),
                    Limits = spec.Limits with { ProcessesMax = 20 + i },
                };
                var ran = await SandboxFixture.RunAsync(runner, spec,
                    new SandboxIo("in\nrest\n"u8.ToArray()));
                Assert.Equal((3, $"in {i}\nrest\n{20 + i}"), (ran.Exit, ran.Stdout));
                Assert.Equal((0, ""), await SandboxFixture.RunAsync(runner, SandboxFixture.Spec("cat"))
                    is var none
                    ? (none.Exit, none.Stdout) : default);
            }
        }
    }

    [Fact]
    public async Task Ways_ThatWait_EndWithTheRunner()
    {
        using var launcher = new ProcessLauncher();
        var runner = await SandboxRunner.CreateAsync(new SandboxOptions { WarmEntries = 3 }, launcher);
        var room = (await runner.RoomAsync(default)).HolderPid;
        await SandboxFixture.RunAsync(runner, SandboxFixture.Spec("true"));
        await runner.DisposeAsync();
        // each names the room that it waits in
        Assert.Empty(Sightings.Records("pid_for_children", $"{room}"));
    }

    [Fact]
    public async Task Lock_OfAnAttempt_IsHeldByAWarmWayToo()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var workspace = await workspaces.OpenAsync("run_warm", [], "one", 1);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var spec = SandboxFixture.Spec("sh", "-c", "echo ready; sleep 1000") with { Workspace = workspace };
        await SandboxFixture.RunAsync(sandbox.Runner, spec with { Argv = ["true"] });
        var running = sandbox.Runner.RunAsync(spec, new SandboxIo(OnOutput: (_, _) =>
        {
            told.TrySetResult();
            return default;
        }));
        await told.Task;
        // discarding ends whoever holds the lock first
        await workspaces.DiscardAsync(workspace);
        Assert.NotNull((await running).Signal);
        await workspaces.DeleteRunAsync("run_warm");
    }
}
