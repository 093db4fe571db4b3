using System.Collections.Immutable;
using System.Diagnostics;
using Aegis.Processes;
using Aegis.Sandbox;

namespace Aegis.Bench.Sandbox;

/// <summary>What the walls cost: <c>true</c> bare, under a bare bubblewrap, and behind all walls over a
/// workspace, taken in turns, so that a busy machine is busy for all three.</summary>
internal static class SandboxBench
{
    private static readonly ImmutableSortedDictionary<string, string> Environment =
        ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin");

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var rounds = quick ? 200 : 1_000;
        var home = Directory.CreateTempSubdirectory("aegis-bench-sandbox-").FullName;
        using var launcher = new ProcessLauncher();
        await using var runner = await SandboxRunner.CreateAsync(new SandboxOptions(), launcher);
        var workspaces = new Workspaces(home, runner);
        var workspace = await workspaces.OpenAsync("run_bench", [], "one", 1);
        var walled = new SandboxSpec("bench", ["true"], "/work",
            ImmutableSortedDictionary<string, string>.Empty.Add("CI", "true"), workspace, [],
            SandboxLimits.Default);
        var (bare, bubble, walls) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = -10; i < rounds; i++)
        {
            var one = await TimeAsync(() => HostAsync(launcher, "true"));
            var two = await TimeAsync(() => HostAsync(launcher, "bwrap", "--unshare-all", "--ro-bind", "/",
                "/",
                "--proc", "/proc", "--dev", "/dev", "true"));
            var three = await TimeAsync(async () => (await runner.RunAsync(walled, SandboxIo.None)).ExitCode);
            if (i >= 0)
            {
                bare.Add(one);
                bubble.Add(two);
                walls.Add(three);
            }
        }
        await workspaces.DeleteRunAsync("run_bench");
        Directory.Delete(home, recursive: true);
        return new()
        {
            ["bare_ms_p50"] = At(bare, 0.5),
            ["bwrap_ms_p50"] = At(bubble, 0.5),
            ["sandbox_ms_p50"] = At(walls, 0.5),
            ["sandbox_ms_p99"] = At(walls, 0.99),
            ["sandbox_added_ms_p50"] = At(walls, 0.5) - At(bare, 0.5),
        };
    }

    private static async Task<int?> HostAsync(ProcessLauncher launcher, params string[] argv)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec(argv[0], [.. argv[1..]],
            Environment));
        await Task.WhenAll(process.Stdout.CopyToAsync(Stream.Null), process.Stderr.CopyToAsync(Stream.Null));
        return (await process.Exited).ExitCode;
    }

    private static async Task<double> TimeAsync(Func<Task<int?>> act)
    {
        var began = Stopwatch.GetTimestamp();
        if (await act() is not 0 and var code)
        {
            throw new InvalidOperationException($"true ended with {code}");
        }
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double At(List<double> values, double part) =>
        values.Order().ElementAt((int)((values.Count - 1) * part));
}
