using System.Text.Json;
using Aegis.Attack.Fuzzing;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server;
using Aegis.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Fuzz;

/// <summary>The attack suite's fuzzer against a whole server, 10 minutes long (1 with --quick). A fault is
/// shown with the seed and the request that found it, and ends the bench with a status of its own.</summary>
internal static class FuzzBench
{
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Quick = TimeSpan.FromMinutes(1);

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var seed = FuzzSeed.Choose();
        Console.WriteLine($"seed {seed}; AEGIS_TEST_SEED={seed} repeats it");
        var home = Directory.CreateTempSubdirectory("aegis-fuzz-").FullName;
        try
        {
            await using var server = await AegisServer.StartAsync(new ServerOptions { Home = home, Port = 0 },
                Composition.OpenRoomsAsync, NullLoggerFactory.Instance, TimeProvider.System,
                CancellationToken.None);
            return await RunAsync(server, seed, (quick ? Quick : Whole) / 3);
        }
        finally
        {
            Directory.Delete(home, true);
        }
    }

    private static async Task<SortedDictionary<string, object>> RunAsync(AegisServer server, int seed,
        TimeSpan each)
    {
        var key = await KeyAsync(server.Parts.Tenants);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = Fuzzer.AnswerMax };
        var fuzzer = new Fuzzer(http, server.Url, key, seed);
        var doors = await DoorsAsync(http);
        var before = GC.GetTotalMemory(true);
        FuzzReport[] reports =
        [
            await fuzzer.WorkflowsAsync(SoundWorkflows.All(), int.MaxValue, each),
            await fuzzer.BodiesAsync(doors, int.MaxValue, each),
            await fuzzer.HeadersAsync(int.MaxValue, each),
        ];
        foreach (var fault in reports.SelectMany(r => r.Faults))
        {
            Console.WriteLine(fault);
        }
        var faults = reports.Sum(r => r.Faults.Count);
        if (faults > 0)
        {
            throw new InvalidOperationException($"{faults} faults, seed {seed}");
        }
        return new SortedDictionary<string, object>
        {
            ["seed"] = seed,
            ["workflows"] = reports[0].Sent,
            ["plans"] = reports[0].Plans,
            ["bodies"] = reports[1].Sent,
            ["raw_requests"] = reports[2].Sent,
            ["codes"] = reports.SelectMany(r => r.Codes.Keys).Distinct().Count(),
            ["slowest_ms"] = reports.Max(r => r.Slowest).TotalMilliseconds,
            ["heap_growth_kib"] = (GC.GetTotalMemory(true) - before) / 1024,
        };
    }

    private static async Task<string> KeyAsync(TenantDirectory tenants)
    {
        await tenants.CreateTenantAsync("fuzz", CancellationToken.None);
        await tenants.CreateProjectAsync(new Tenancy("fuzz", "fuzz"), CancellationToken.None);
        return (await tenants.CreateKeyAsync("fuzz", "fuzz", "fuzz", ["admin:*", "operator:tenants"],
            CancellationToken.None)).Secret;
    }

    private static async Task<List<FuzzDoor>> DoorsAsync(HttpClient http)
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync("/openapi/v1.json"));
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value
            .EnumerateObject().Where(d => d.Name is "post" or "put" or "patch")
            .Select(d => new FuzzDoor(d.Name.ToUpperInvariant(), path.Name)))];
    }
}
