using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aegis.Ledger.Audit;
using Aegis.Server;
using Aegis.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Models;

/// <summary>The gateway over a provider that answers at once, and the same provider called directly, in turn:
/// one connection for what is added to each call, 32 for how many it bears. Keys, gate, router, limits in
/// dollars, tokens and calls, the cache of answers (each call differs, so each is looked up and kept) and the
/// ledger are all on; at the end each call must have its fact.</summary>
internal static class GatewayLanes
{
    private const int Connections = 32;
    private const int WarmCalls = 6_000;
    private const int Rounds = 6;

    public static async Task MeasureAsync(SortedDictionary<string, object> figures, bool quick)
    {
        var home = Directory.CreateTempSubdirectory("aegis-bench-models-").FullName;
        try
        {
            await using var fake = await FakeModel.StartAsync();
            await using var server = await AegisServer.StartAsync(new ServerOptions { Home = home, Port = 0 },
                Composition.OpenRoomsAsync, NullLoggerFactory.Instance, TimeProvider.System,
                CancellationToken.None);
            var key = await ProfileAsync(server, home, fake.Url);
            var audit = new LedgerAudit(server.Parts.Ledger, home);
            var before = (await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None)).Events;
            var calls = await WarmAsync(server.Url, fake.Url, key);
            calls += await OneAsync(server.Url, fake.Url, key, quick ? 400 : 2_000, figures);
            calls += await ManyAsync(server.Url, fake.Url, key, quick ? 1.2 : 4, figures);
            figures["rss_mb"] = Process.GetCurrentProcess().WorkingSet64 / (1024.0 * 1024.0);
            await FactsAsync(audit, before, calls, figures);
        }
        finally
        {
            Directory.Delete(home, true);
        }
    }

    private static async Task<string> ProfileAsync(AegisServer server, string home, Uri fake)
    {
        using var file = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(home, "admin-key.json")));
        var key = file.RootElement.GetProperty("key").GetString()!;
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        http.DefaultRequestHeaders.Add("X-Aegis-Project", file.RootElement.GetProperty("project").GetString());
        var named = $"{key}\r\nX-Aegis-Project: {file.RootElement.GetProperty("project").GetString()}";
        var yaml = $$"""
            providers:
              fake:
                base_url: {{fake}}v1
                prices: { small: { input_usd_per_million: 1, output_usd_per_million: 2 } }
            models: { fast: small }
            policies: { quotas: { usd_month: 1000000, tokens_month: 1000000000000, calls_day: 1000000000 } }
            """;
        using var stored = await http.PutAsJsonAsync("v1/profile", new { yaml });
        stored.EnsureSuccessStatusCode();
        // the first key is for a whole tenant: its requests name the project
        return named;
    }

    private static async Task<long> WarmAsync(Uri gateway, Uri fake, string key)
    {
        Console.WriteLine("warming up");
        await LanesAsync(fake, key, (made, _) => made < WarmCalls / Connections);
        var warm = await LanesAsync(gateway, key, (made, _) => made < WarmCalls / Connections);
        return warm.Length;
    }

    // direct and through the gateway in turns, so that what else the machine does falls on both
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
        var (direct, through) = (new List<double>(), new List<double>());
        var (directTime, throughTime) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            direct.AddRange(await LanesAsync(fake, key, (_, since) => since.TotalSeconds < seconds));
            directTime += clock.Elapsed.TotalSeconds;
            clock.Restart();
            through.AddRange(await LanesAsync(gateway, key, (_, since) => since.TotalSeconds < seconds));
            throughTime += clock.Elapsed.TotalSeconds;
        }
        through.Sort();
        figures["direct_rps_32"] = direct.Count / directTime;
        figures["rps_32"] = through.Count / throughTime;
        figures["rps_32_p50_ms"] = At(through, 0.5);
        figures["rps_32_p99_ms"] = At(through, 0.99);
        figures["rps_32_per_direct"] = through.Count / throughTime / (direct.Count / directTime);
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

    private static async Task FactsAsync(
        LedgerAudit audit, long before, long calls, SortedDictionary<string, object> figures)
    {
        Console.WriteLine($"verifying the facts of {calls} calls");
        var report = await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None);
        figures["gateway_calls"] = calls;
        figures["gateway_facts"] = report.Events - before;
        // one more: who opened the stream
        if (report.Events - before != calls + 1 || !report.IsIntact)
        {
            throw new InvalidOperationException($"{calls} calls left {report.Events - before} facts and "
                + $"{report.Issues.Length} issues in the ledger");
        }
    }
}
