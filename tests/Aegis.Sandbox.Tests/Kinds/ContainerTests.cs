using Aegis.Core.Errors;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests.Kinds;

[Collection("container")]
[Trait("Category", "Slow")]
public sealed class ContainerTests(ContainerFixture container)
{
    [Fact]
    public async Task Command_InAContainer_HasItsOutputsAndItsExit()
    {
        var spec = ContainerFixture.Spec("sh", "-c",
            "read x; echo out $x $GIVEN $OF_THE_IMAGE; echo err >&2; id -u; pwd; exit 7");
        spec = spec with { Env = spec.Env.Add("GIVEN", "a 'b'") };
        var ran = await SandboxFixture.RunAsync(container.Runner, spec,
            new SandboxIo(Stdin: "typed\n"u8.ToArray()));
        Assert.Equal((7, "out typed a 'b' yes\n1000\n/work", "err"), (ran.Exit, ran.Stdout, ran.Stderr));
        Assert.Equal(["uid", "files", "processes", "syscalls", "network", "memory", "pids", "cpu", "disk",
            "workspace"], ran.Outcome.Walls.Select(w => w.Wall));
    }

    [Fact]
    public async Task Program_ThatTheImageLacks_IsNotFound()
    {
        var ran = await container.RunAsync("no-such-program");
        Assert.Equal((127, "sh: no-such-program: not found"), (ran.Exit, ran.Stderr));
    }

    [Fact]
    public async Task Signal_ThatEndsTheCommand_IsSaid() =>
        Assert.Equal((null, 9), await container.RunAsync("sh", "-c", "kill -9 $$") is var r
            ? (r.Outcome.ExitCode, r.Outcome.Signal) : default);

    [Fact]
    public async Task Workspace_OfAContainer_KeepsWhatItWrites()
    {
        var workspaces = new Workspaces(container.Home, container.Runner);
        var workspace = await workspaces.OpenAsync("run_container", [], "one", 1);
        var spec = ContainerFixture.Spec("sh", "-c",
            "echo kept > /app/workplace/file; mkdir d; ln -s file d/link");
        Assert.Equal(0, (await SandboxFixture.RunAsync(container.Runner,
            spec with { Workspace = workspace })).Exit);
        var layer = await workspaces.SealAsync(workspace);
        Assert.Equal(3, layer.EntryCount);
        var second = await workspaces.OpenAsync("run_container", [layer.LayerId!], "two", 1);
        // what one kind wrote, another one reads and changes
        var ran = await SandboxFixture.RunAsync(container.Runner, SandboxFixture.Spec("sh", "-c",
            "cat file && echo more >> file && cat d/../file") with { Workspace = second });
        Assert.Equal("kept\nkept\nmore", ran.Stdout);
        await workspaces.DeleteRunAsync("run_container");
    }

    [Fact]
    public async Task Container_ThatIsCancelled_IsGone()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = new CancellationTokenSource();
        var marker = $"marker-{Guid.NewGuid():n}";
        var running = container.Runner.RunAsync(ContainerFixture.Spec("sh", "-c",
            $": {marker}; echo ready; sleep 1000; :"), new SandboxIo(OnOutput: (_, _) =>
            {
                told.TrySetResult();
                return default;
            }), end.Token);
        await told.Task;
        var processes = Sightings.Records(marker);
        Assert.NotEmpty(processes);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        foreach (var process in processes)
        {
            await Sightings.EndOfAsync(process);
        }
    }

    [Fact]
    public async Task Image_ThatIsNotThere_IsNamed()
    {
        var error = await Assert.ThrowsAsync<AegisException>(() => container.Runner.RunAsync(
            ContainerFixture.Spec("true") with { Image = "none" }, SandboxIo.None));
        Assert.Equal("AEGIS3202", error.Error.Code);
        Assert.Contains("'none'", error.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminal_OfAContainer_IsOne()
    {
        var ran = await SandboxFixture.RunAsync(container.Runner,
            ContainerFixture.Spec("sh", "-c", "test -t 0 && test -t 1 && tty; exit 5") with { Pty = true });
        Assert.Equal(5, ran.Exit);
        Assert.Contains("/dev/pts/", ran.Stdout, StringComparison.Ordinal);
    }
}
