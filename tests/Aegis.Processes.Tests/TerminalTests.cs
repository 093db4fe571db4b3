using System.Text;

namespace Aegis.Processes.Tests;

public sealed class TerminalTests : IDisposable
{
    private readonly ProcessLauncher launcher = new();

    [Fact]
    public async Task Terminal_OfAProcess_IsItsControllingOne()
    {
        var (exit, shown) = await RunAsync(
            "test -t 0 && test -t 1 && test -t 2 && echo yes > /dev/tty; stty size; exit 5");
        Assert.Equal((5, "yes\r\n24 80\r\n"), (exit.ExitCode, shown));
    }

    [Fact]
    public async Task Resize_OfATerminal_IsSignalledAndSeen()
    {
        await using var process = await StartAsync(
            "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done");
        await UntilAsync(process, "ready");
        process.Terminal!.Resize(new PtySize(132, 50));
        await UntilAsync(process, "50 132");
        Assert.Equal(0, (await process.Exited).ExitCode);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 10_001)]
    public async Task Resize_BeyondItsLimits_IsRefused(int columns, int rows)
    {
        await using var process = await StartAsync("sleep 1000");
        process.Terminal!.Resize(new PtySize(1, PtySize.Max));
        Assert.Throws<ArgumentOutOfRangeException>(() => process.Terminal.Resize(new PtySize(columns, rows)));
    }

    [Fact]
    public async Task ControlC_OnATerminal_InterruptsTheForeground()
    {
        await using var process = await StartAsync("echo ready; exec sleep 1000");
        await UntilAsync(process, "ready");
        await process.Stdin.WriteAsync(new byte[] { 3 });
        Assert.Equal(new ProcessExit(null, 2), await process.Exited);
    }

    [Fact]
    public async Task Typing_OnATerminal_IsReadAndEchoed()
    {
        await using var process = await StartAsync("read -r line; echo \"got $line\"");
        await process.Stdin.WriteAsync("hello\n"u8.ToArray());
        await UntilAsync(process, "got hello");
        Assert.Equal(0, (await process.Exited).ExitCode);
    }

    [Fact]
    public async Task EndOfTransmission_OnATerminal_EndsTheInput()
    {
        await using var process = await StartAsync("cat");
        await process.Stdin.WriteAsync(new byte[] { 4 });
        Assert.Equal(0, (await process.Exited).ExitCode);
    }

    public void Dispose() => launcher.Dispose();

    private ValueTask<LaunchedProcess> StartAsync(string script) =>
        launcher.StartAsync(Launching.Shell(script) with { Pty = PtySize.Default });

    private async Task<(ProcessExit, string)> RunAsync(string script)
    {
        await using var process = await StartAsync(script);
        var shown = await new StreamReader(process.Stdout).ReadToEndAsync();
        return (await process.Exited, shown);
    }

    private static async Task UntilAsync(LaunchedProcess process, string text)
    {
        var shown = new StringBuilder();
        var buffer = new byte[256];
        while (!shown.ToString().Contains(text, StringComparison.Ordinal))
        {
            var read = await process.Stdout.ReadAsync(buffer);
            Assert.NotEqual(0, read);
            shown.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, read)));
        }
    }
}
