using System.Collections.Immutable;

namespace Aegis.Processes.Tests;

/// <summary>Short forms for the tests.</summary>
internal static class Launching
{
    public static ImmutableSortedDictionary<string, string> Environment { get; } =
        ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin");

    public static ProcessSpec Spec(params string[] argv) => new(argv[0], [.. argv[1..]], Environment);

    public static ProcessSpec Shell(string script) => Spec("sh", "-c", script);

    public static async Task<(ProcessExit Exit, string Stdout,
        string Stderr)> RunAsync(this ProcessLauncher launcher,
        ProcessSpec spec, string? stdin = null)
    {
        await using var process = await launcher.StartAsync(spec);
        var stdout = new StreamReader(process.Stdout).ReadToEndAsync();
        var stderr = new StreamReader(process.Stderr).ReadToEndAsync();
        if (stdin is not null)
        {
            await process.Stdin.WriteAsync(System.Text.Encoding.UTF8.GetBytes(stdin));
            await process.Stdin.DisposeAsync();
        }
        return (await process.Exited, await stdout, await stderr);
    }

    /// <summary>Waits for the end of any process, ours or not.</summary>
    public static async Task EndOfAsync(PidRecord? record)
    {
        using var pidfd = record is { } known ? PidFd.TryOpen(known) : null;
        if (pidfd is not null)
        {
            await pidfd.WaitAsync(TimeSpan.FromSeconds(60), default);
        }
    }

    /// <summary>Waits until a process has stopped, some time after the signal to it; no event says
    /// so.</summary>
    public static async Task StopOfAsync(int pid)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (ProcStat.Read(pid) is not { State: 'T' })
        {
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }
}
