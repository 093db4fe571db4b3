using System.Text;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class TerminalTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Terminal_OfACommand_IsOne()
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner,
            Spec("test -t 0 && test -t 1 && test -t 2 && echo yes > /dev/tty; "
                + "stty size; echo $TERM; exit 5"));
        Assert.Equal((5, "yes\r\n24 80\r\nxterm-256color"), (ran.Exit,
            ran.Stdout.Replace("^D\b\b", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ControlC_OnACommandThatHandlesIt_ReachesItsHandler()
    {
        var (ran, shown) = await TypeAsync(
            "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.01; done",
            ("ready", [3]));
        Assert.Equal(7, ran.ExitCode);
        Assert.Contains("caught", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ControlC_OnAnyOtherCommand_EndsItBySignal()
    {
        var (ran, _) = await TypeAsync("echo ready; exec sleep 1000", ("ready", [3]));
        Assert.Equal((null, 2), (ran.ExitCode, ran.Signal));
    }

    [Fact]
    public async Task InteractiveShell_OnATerminal_HasJobControl()
    {
        var (ran, shown) = await TypeAsync("PS1='$ ' exec bash --norc -i",
            ("$ ", "sh -c 'echo fore\"\"ground; exec sleep 1000'\n"u8.ToArray()), ("foreground", [3]),
            ("$ ", "echo al''ive\n"u8.ToArray()),
            ("alive", "sleep 1000 & jobs; kill %1; exit 4\n"u8.ToArray()));
        Assert.Equal(4, ran.ExitCode);
        Assert.Contains("Running", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("no job control", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resize_OfALiveTerminal_IsSeenInside()
    {
        Pty? terminal = null;
        var shown = new StringBuilder();
        var outcome = await sandbox.Runner.RunAsync(
            Spec("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.01; done"),
            new SandboxIo(OnTerminal: live => terminal = live, OnOutput: (_, piece) =>
            {
                shown.Append(Encoding.UTF8.GetString(piece.Span));
                if (shown.ToString().EndsWith("ready\r\n", StringComparison.Ordinal))
                {
                    terminal!.Resize(new PtySize(101, 33));
                }
                return default;
            }));
        Assert.Equal((0, "ready\r\n33 101\r\n"), (outcome.ExitCode, shown.ToString()));
    }

    [Fact]
    public async Task Input_OfATerminalNobodyTypesOn_EndsByItself()
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, Spec("stty -echo; cat; echo end"),
            new SandboxIo("typed\n"u8.ToArray()));
        Assert.Equal(0, ran.Exit);
        Assert.EndsWith("typed\r\nend", ran.Stdout, StringComparison.Ordinal);
    }

    private static SandboxSpec Spec(string script) => SandboxFixture.Spec("sh", "-c",
        script) with { Pty = true };

    /// <summary>Types each text when the one before it was shown.</summary>
    private async Task<(SandboxOutcome, string)> TypeAsync(string script, params (string After,
        byte[] Typed)[] steps)
    {
        Pty? terminal = null;
        var (all, fresh, next) = (new StringBuilder(), new StringBuilder(), 0);
        var outcome = await sandbox.Runner.RunAsync(Spec(script), new SandboxIo(OnTerminal: live =>
            terminal = live,
            OnOutput: async (_, piece) =>
            {
                all.Append(Encoding.UTF8.GetString(piece.Span));
                fresh.Append(Encoding.UTF8.GetString(piece.Span));
                if (next < steps.Length && fresh.ToString().Contains(steps[next].After,
                    StringComparison.Ordinal))
                {
                    fresh.Clear();
                    await terminal!.Input.WriteAsync(steps[next++].Typed);
                }
            }));
        return (outcome, all.ToString());
    }
}
