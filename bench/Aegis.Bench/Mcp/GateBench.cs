using System.Diagnostics;
using System.Text.Json;
using Aegis.Ledger.Audit;
using Aegis.Server;
using Aegis.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Mcp;

/// <summary>The gate as MCP clients meet it: <c>tools/call</c> over HTTP with a key, the gate's whole order,
/// and the call's fact committed before the answer. In a session on 32 connections, then the same on the
/// stateless wire, then the same requests to a server that does nothing. At the end the ledger is counted and
/// its chains are verified: a call without its fact fails the bench.</summary>
internal static class GateBench
{
    private const int Connections = 32;
    private const int WarmCalls = 30_000;

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var home = Directory.CreateTempSubdirectory("aegis-bench-gate-").FullName;
        var figures = new SortedDictionary<string, object>();
        try
        {
            await using (var server = await AegisServer.StartAsync(
                new ServerOptions { Home = home, Port = 0 }, Composition.OpenRoomsAsync,
                NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None))
            {
                await CallsAsync(server, home, quick ? 8 : 20, figures);
            }
            await using var bare = await BareServer.StartAsync();
            await MeasureAsync(
                bare.Url, new McpMessages("key", "project").Alone(), "raw", quick ? 4 : 10, figures);
            foreach (var wire in (string[])["mcp", "mcp_stateless"])
            {
                figures[$"{wire}_per_raw"] =
                    (double)figures[$"{wire}_calls_per_second"] / (double)figures["raw_calls_per_second"];
            }
            return figures;
        }
        finally
        {
            Directory.Delete(home, true);
        }
    }

    private static async Task CallsAsync(
        AegisServer server, string home, int seconds, SortedDictionary<string, object> figures)
    {
        using var file = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(home, "admin-key.json")));
        var messages = new McpMessages(file.RootElement.GetProperty("key").GetString()!,
            file.RootElement.GetProperty("project").GetString()!);
        var audit = new LedgerAudit(server.Parts.Ledger, home);
        var before = (await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None)).Events;
        var session = await messages.OpenAsync(server.Url);
        var calls = await MeasureAsync(server.Url, messages.InSession(session), "mcp", seconds, figures);
        calls += await MeasureAsync(server.Url, messages.Alone(), "mcp_stateless", seconds, figures);
        Console.WriteLine($"verifying the facts of {calls} calls");
        var report = await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None);
        figures["mcp_calls"] = calls;
        figures["mcp_facts"] = report.Events - before;
        // one more for each wire's stream: who opened it
        if (report.Events - before != calls + 2 || !report.IsIntact)
        {
            throw new InvalidOperationException($"{calls} calls left {report.Events - before} facts and "
                + $"{report.Issues.Length} issues in the ledger");
        }
    }

    /// <returns>All calls, those of the warm-up too.</returns>
    private static async Task<long> MeasureAsync(
        Uri server, byte[] call, string name, int seconds, SortedDictionary<string, object> figures)
    {
        Console.WriteLine($"{name}: warming up");
        var warm = await LanesAsync(server, call, (made, _) => made < WarmCalls / Connections);
        Console.WriteLine($"{name}: {Connections} connections, {seconds} s");
        var spent = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var latencies = await LanesAsync(server, call, (_, since) => since.TotalSeconds < seconds);
        var elapsed = clock.Elapsed.TotalSeconds;
        spent = Environment.CpuUsage.TotalTime - spent;
        figures[$"{name}_calls_per_second"] = latencies.Length / elapsed;
        figures[$"{name}_p50_ms"] = latencies[latencies.Length / 2];
        figures[$"{name}_p99_ms"] = latencies[(int)(latencies.Length * 0.99)];
        figures[$"{name}_cpu_us_per_call"] = spent.TotalMicroseconds / latencies.Length;
        return warm.Length + latencies.Length;
    }

    /// <returns>The milliseconds of each call, sorted.</returns>
    private static async Task<double[]> LanesAsync(Uri server, byte[] call, Func<int, TimeSpan, bool> goOn)
    {
        var clock = Stopwatch.StartNew();
        var lanes = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            await using var lane = new McpLane();
            await lane.ConnectAsync(server);
            var mine = new List<double>(1 << 16);
            while (goOn(mine.Count, clock.Elapsed))
            {
                var since = Stopwatch.GetTimestamp();
                await lane.CallAsync(call);
                mine.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
            return mine;
        })));
        return [.. lanes.SelectMany(l => l).Order()];
    }
}
