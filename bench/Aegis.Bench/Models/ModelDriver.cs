using System.Diagnostics;
using System.Text.Json;

namespace Aegis.Bench.Models;

/// <summary>The other sides of <see cref="GatewayLanes"/>, each as a process of its own, as they are in
/// life, and so that what is measured of the gateway's process is the gateway's: the provider that answers at
/// once, and the clients that call it directly and through the gateway, in turns, so that what else the
/// machine does falls on both.</summary>
internal static class ModelDriver
{
    public const string Name = "models-driver";
    public const string Provider = "models-provider";

    private const int Connections = 32;
    private const int WarmCalls = 30_000;
    private const int Rounds = 6;

    /// <summary>Says where it is, and answers until its input ends.</summary>
    public static async Task<int> ProvideAsync()
    {
        await using var fake = await FakeModel.StartAsync();
        Console.WriteLine(fake.Url);
        return Console.ReadLine() is null ? 0 : 1;
    }

    /// <summary>Hears where the provider and the gateway are and with which key, and tells the figures in its
    /// last line.</summary>
    public static async Task<int> RunAsync(bool quick)
    {
        var fake = new Uri(Console.ReadLine()!);
        var gateway = new Uri(Console.ReadLine()!);
        var key = Console.ReadLine()!.Replace('\t', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        var figures = new SortedDictionary<string, object>();
        var calls = await WarmAsync(gateway, fake, key);
        calls += await OneAsync(gateway, fake, key, quick ? 400 : 2_000, figures);
        calls += await ManyAsync(gateway, fake, key, quick ? 1.2 : 4, figures);
        figures["gateway_calls"] = calls;
        Console.WriteLine(JsonSerializer.Serialize(figures));
        return 0;
    }

    private static async Task<long> WarmAsync(Uri gateway, Uri fake, string key)
    {
        Console.WriteLine("warming up");
        await LanesAsync(fake, key, (made, _) => made < WarmCalls / Connections);
        return (await LanesAsync(gateway, key, (made, _) => made < WarmCalls / Connections)).Length;
    }

    private static async Task<long> OneAsync(
        Uri gateway, Uri fake, string key, int calls, SortedDictionary<string, object> figures)
    {
        Console.WriteLine("one connection");
        var counted = 0L;
        foreach (var streams in (bool[])[false, true])
        {
            var (direct, through) = (new List<double>(), new List<double>());
            await using var straight = new ModelLane(key, streams);
            await straight.ConnectAsync(fake);
            await using var lane = new ModelLane(key, streams);
            await lane.ConnectAsync(gateway);
            for (var round = 0; round < Rounds * 2; round++)
            {
                for (var i = 0; i < calls / Rounds; i++)
                {
                    var (first, whole) = await straight.CallAsync();
                    direct.Add(streams ? first : whole);
                }
                for (var i = 0; i < calls / Rounds; i++)
                {
                    var (first, whole) = await lane.CallAsync();
                    through.Add(streams ? first : whole);
                    counted++;
                }
            }
            Compare(figures, streams, direct, through);
        }
        return counted;
    }

    private static void Compare(SortedDictionary<string, object> figures, bool streams, List<double> direct,
        List<double> through)
    {
        direct.Sort();
        through.Sort();
        var (p50, p99) = (At(through, 0.5) - At(direct, 0.5), At(through, 0.99) - At(direct, 0.99));
        if (streams)
        {
            figures["first_token_added_ms"] = p50;
            figures["first_token_added_ms_p99"] = p99;
            return;
        }
        figures["added_ms_p50"] = p50;
        figures["added_ms_p99"] = p99;
        figures["direct_ms_p50"] = At(direct, 0.5);
        figures["direct_ms_p99"] = At(direct, 0.99);
    }

    private static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];

    private static async Task<long> ManyAsync(
        Uri gateway, Uri fake, string key, double seconds, SortedDictionary<string, object> figures)
    {
        Console.WriteLine($"{Connections} connections, {Rounds} times {seconds} s each way");
        var (direct, through) = (0L, new List<double>());
        var (directTime, throughTime) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            direct += (await LanesAsync(fake, key, (_, since) => since.TotalSeconds < seconds)).Length;
            directTime += clock.Elapsed.TotalSeconds;
            clock.Restart();
            through.AddRange(await LanesAsync(gateway, key, (_, since) => since.TotalSeconds < seconds));
            throughTime += clock.Elapsed.TotalSeconds;
        }
        through.Sort();
        figures["direct_rps_32"] = direct / directTime;
        figures["rps_32"] = through.Count / throughTime;
        figures["rps_32_p50_ms"] = At(through, 0.5);
        figures["rps_32_p99_ms"] = At(through, 0.99);
        figures["rps_32_per_direct"] = through.Count / throughTime / (direct / directTime);
        return through.Count;
    }

    private static async Task<double[]> LanesAsync(Uri server, string key, Func<int, TimeSpan, bool> goOn)
    {
        var clock = Stopwatch.StartNew();
        var lanes = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            await using var lane = new ModelLane(key, streams: false);
            await lane.ConnectAsync(server);
            var mine = new List<double>(1 << 14);
            while (goOn(mine.Count, clock.Elapsed))
            {
                mine.Add((await lane.CallAsync()).Whole);
            }
            return mine;
        })));
        return [.. lanes.SelectMany(l => l)];
    }
}
