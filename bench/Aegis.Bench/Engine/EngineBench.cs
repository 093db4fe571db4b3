using System.Diagnostics;
using System.Text;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Gate;

namespace Aegis.Bench.Engine;

/// <summary>The engine as it is served: a real tool (flow.noop) through the gate, row security and the hash
/// chain on, every task durable before it counts. Raw rates of the same PostgreSQL come from the same
/// run.</summary>
internal static class EngineBench
{
    private const int Concurrency = 50;
    private const int StepsPerRun = 10;

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        await using var home = await BenchEngine.StartAsync();
        var figures = new SortedDictionary<string, object>(await RawRates.SettingsAsync(home));
        Console.WriteLine("warming up");
        await RunsAsync(home, quick ? 5000 : 15000, null);
        var seconds = quick ? 8 : 20;
        Console.WriteLine($"runs of {StepsPerRun} tasks at concurrency {Concurrency}, {seconds} s");
        await ThroughputAsync(home, seconds, figures);
        Console.WriteLine("chain of 1,000 tasks");
        await ChainAsync(home, quick ? 3 : 7, figures);
        Console.WriteLine("fan-out 1→200→1");
        await FanOutAsync(home, quick ? 10 : 40, figures);
        Console.WriteLine("raw rates of the same PostgreSQL");
        await RawRates.MeasureAsync(home, quick ? 3 : 8, figures);
        return figures;
    }

    private static async Task ThroughputAsync(
        BenchEngine home, int seconds, SortedDictionary<string, object> figures)
    {
        var latencies = new List<double>();
        var spent = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var runs = await RunsAsync(home, int.MaxValue, latencies, () => clock.Elapsed.TotalSeconds < seconds);
        var elapsed = clock.Elapsed.TotalSeconds;
        spent = Environment.CpuUsage.TotalTime - spent;
        latencies.Sort();
        figures["node_cpu_us_per_task"] = spent.TotalMicroseconds / (runs * StepsPerRun);
        figures["tasks_per_second"] = runs * StepsPerRun / elapsed;
        figures["task_p50_ms"] = latencies[latencies.Count / 2];
        figures["task_p99_ms"] = latencies[latencies.Count * 99 / 100];
    }

    /// <returns>How many runs ended. Latencies get each run's time divided by its steps, in ms.</returns>
    private static async Task<int> RunsAsync(BenchEngine home, int max, List<double>? latencies,
        Func<bool>? goOn = null)
    {
        var plan = await home.PlanAsync(Chain(StepsPerRun));
        var (started, ended) = (0, 0);
        async Task Lane()
        {
            while (Interlocked.Increment(ref started) <= max && goOn?.Invoke() != false)
            {
                var since = Stopwatch.GetTimestamp();
                await home.RunToEndAsync(plan);
                Interlocked.Increment(ref ended);
                if (latencies is not null)
                {
                    lock (latencies)
                    {
                        latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds / StepsPerRun);
                    }
                }
            }
        }
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(Lane)));
        return ended;
    }

    private static async Task ChainAsync(
        BenchEngine home, int times, SortedDictionary<string, object> figures)
    {
        var plan = await home.PlanAsync(Chain(1000));
        figures["chain_tasks_per_second"] = 1000 / Median(await home.TimeRunsAsync(plan, times));
    }

    private static async Task FanOutAsync(
        BenchEngine home, int times, SortedDictionary<string, object> figures)
    {
        var text = new StringBuilder(
            "name: fan\non: manual\nsteps:\n  - { id: first, uses: flow.noop, needs: [] }\n");
        for (var i = 0; i < 200; i++)
        {
            text.Append($"  - {{ id: f{i}, uses: flow.noop, needs: [first] }}\n");
        }
        var middle = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"f{i}"));
        text.Append($"  - {{ id: last, uses: flow.noop, needs: [{middle}] }}\n");
        var plan = await home.PlanAsync(text.ToString());
        figures["fanout_ms"] = 1000 * Median(await home.TimeRunsAsync(plan, times));
    }

    private static string Chain(int steps)
    {
        var text = new StringBuilder("name: chain\non: manual\nsteps:\n");
        for (var i = 0; i < steps; i++)
        {
            text.Append($"  - {{ id: s{i}, uses: flow.noop }}\n");
        }
        return text.ToString();
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
