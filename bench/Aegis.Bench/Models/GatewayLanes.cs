using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aegis.Ledger.Audit;
using Aegis.Processes;
using Aegis.Server;
using Aegis.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Models;

/// <summary>The gateway over a provider that answers at once, and the same provider called directly:
/// one connection for what is added to each call, 32 for how many it bears. Keys, gate, router, limits in
/// dollars, tokens and calls, and the ledger are on; the calls name no temperature, as most do, so their
/// answers are not kept. At the end each call must have its fact.</summary>
internal static class GatewayLanes
{
    private static readonly ImmutableSortedDictionary<string, string> Environment =
        new[] { "PATH", "HOME", "DOTNET_ROOT", "TMPDIR" }
            .Select(name => (Name: name, Value: System.Environment.GetEnvironmentVariable(name)))
            .Where(v => v.Value is not null)
            .ToImmutableSortedDictionary(v => v.Name, v => v.Value!);

    private static readonly TimeSpan CommitMost = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(SortedDictionary<string, object> figures, bool quick)
    {
        var home = Directory.CreateTempSubdirectory("aegis-bench-models-").FullName;
        try
        {
            using var launcher = new ProcessLauncher();
            await using var provider = await StartAsync(launcher, ModelDriver.Provider);
            await using var driver = await StartAsync(launcher,
                quick ? [ModelDriver.Name, "--quick"] : [ModelDriver.Name]);
            using var told = new StreamReader(driver.Stdout);
            using var where = new StreamReader(provider.Stdout);
            var fake = await where.ReadLineAsync() ?? "";
            await using var server = await AegisServer.StartAsync(new ServerOptions { Home = home, Port = 0 },
                Composition.OpenRoomsAsync, NullLoggerFactory.Instance, TimeProvider.System,
                CancellationToken.None);
            var audit = new LedgerAudit(server.Parts.Ledger, home);
            var before = (await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None)).Events;
            var key = await ProfileAsync(server, home, fake);
            await driver.Stdin.WriteAsync(Encoding.UTF8.GetBytes($"{fake}\n{server.Url}\n{key}\n"));
            foreach (var (name, value) in await FiguresAsync(told))
            {
                figures[name] = value.GetDouble();
            }
            await provider.Stdin.DisposeAsync();
            figures["rss_mb"] = Process.GetCurrentProcess().WorkingSet64 / (1024.0 * 1024.0);
            await FactsAsync(audit, before, (long)(double)figures["gateway_calls"], figures);
        }
        finally
        {
            Directory.Delete(home, true);
        }
    }

    private static ValueTask<LaunchedProcess> StartAsync(ProcessLauncher launcher, params string[] words) =>
        launcher.StartAsync(new ProcessSpec(System.Environment.ProcessPath!,
            [typeof(GatewayLanes).Assembly.Location, .. words], Environment, Stdin: StdinMode.Pipe));

    private static async Task<Dictionary<string, JsonElement>> FiguresAsync(StreamReader driver)
    {
        while (await driver.ReadLineAsync() is { } line)
        {
            if (line.StartsWith('{'))
            {
                return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!;
            }
            Console.WriteLine(line);
        }
        throw new InvalidOperationException("the driver ended without figures");
    }

    /// <returns>The key with what else its requests say: the first key is for a whole tenant.</returns>
    private static async Task<string> ProfileAsync(AegisServer server, string home, string fake)
    {
        using var file = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(home, "admin-key.json")));
        var key = file.RootElement.GetProperty("key").GetString()!;
        var project = file.RootElement.GetProperty("project").GetString();
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        http.DefaultRequestHeaders.Add("X-Aegis-Project", project);
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
        return $"{key}\tX-Aegis-Project: {project}";
    }

    private static async Task FactsAsync(
        LedgerAudit audit, long before, long calls, SortedDictionary<string, object> figures)
    {
        Console.WriteLine($"verifying the facts of {calls} calls");
        // one more: who opened the stream
        var wanted = before + calls + 1;
        var clock = Stopwatch.StartNew();
        var report = await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None);
        while (report.Events < wanted && clock.Elapsed < CommitMost)
        {
            // the last ones are committed a moment after their answers
            report = await audit.VerifyAsync(AuditScope.Everything, CancellationToken.None);
        }
        figures["gateway_facts"] = report.Events - before;
        if (report.Events != wanted || !report.IsIntact)
        {
            throw new InvalidOperationException($"{calls} calls left {report.Events - before} facts and "
                + $"{report.Issues.Length} issues in the ledger");
        }
    }
}
