using Aegis.Attack.Fuzzing;
using Aegis.Attack.Tests.Doors;
using Aegis.Attack.Tests.Support;
using Xunit.Abstractions;

namespace Aegis.Attack.Tests.Fuzzing;

/// <summary>The fuzzer for some seconds, from a seed that is printed; <c>./aegis bench fuzz</c> goes on for
/// longer. After each part the tables hold what they held.</summary>
[Collection(AttackGroup.Name)]
public sealed class FuzzTests(AttackFixture server, ITestOutputHelper output)
{
    private const int Requests = 2_500;
    private const int WarmUp = 300;
    private const int SettleTries = 600;
    private const long GrowthMax = 64L << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    private readonly int seed = FuzzSeed.Choose();

    [Fact]
    public async Task Workflows_MutatedInAnyWay_AreJudgedAndLeaveOnlyPlans()
    {
        var fuzzer = await FuzzerAsync("yaml");
        var sound = SoundWorkflows.All();
        var before = await LedgerState.CountsAsync(server.Ledger.Super);
        var report = await fuzzer.WorkflowsAsync(sound, Requests, Limit);
        Judge(report);
        foreach (var table in new[] { "streams", "events", "plans_read" })
        {
            before[table] += report.Plans;
        }
        await SettledAsync(before);
        Assert.True(report.Codes.Count > 15, $"too few ways to be wrong: {report}");
        Assert.True(report.Plans > report.Sent / 100, $"too few sound ones: {report}");
    }

    [Fact]
    public async Task Bodies_ThatNoDoorTakes_AreRefusedAndChangeNothing()
    {
        var fuzzer = await FuzzerAsync("json");
        var before = await LedgerState.CountsAsync(server.Ledger.Super);
        Judge(await fuzzer.BodiesAsync(await DoorsAsync(), Requests, Limit));
        await SettledAsync(before);
    }

    [Fact]
    public async Task Headers_OfAnyKind_AreAnsweredOrClosedAndChangeNothing()
    {
        var fuzzer = await FuzzerAsync("headers");
        var before = await LedgerState.CountsAsync(server.Ledger.Super);
        Judge(await fuzzer.HeadersAsync(Requests, Limit));
        await SettledAsync(before);
    }

    [Fact]
    public async Task Memory_AfterAWarmUp_DoesNotGrowWithWhatIsRefused()
    {
        var fuzzer = await FuzzerAsync("memory");
        var sound = SoundWorkflows.All();
        await EverythingAsync(fuzzer, sound, WarmUp);
        var before = GC.GetTotalMemory(true);
        await EverythingAsync(fuzzer, sound, Requests / 3);
        var grown = GC.GetTotalMemory(true) - before;
        output.WriteLine($"grown by {grown / 1024} KiB");
        Assert.True(grown < GrowthMax, $"seed {seed}: grown by {grown} bytes");
    }

    private async Task EverythingAsync(Fuzzer fuzzer, IReadOnlyList<string> sound, int count)
    {
        await fuzzer.WorkflowsAsync(sound, count, Limit);
        await fuzzer.BodiesAsync(await DoorsAsync(), count, Limit);
        await fuzzer.HeadersAsync(count, Limit);
    }

    private async Task<Fuzzer> FuzzerAsync(string project)
    {
        output.WriteLine($"seed {seed}; AEGIS_TEST_SEED={seed} repeats it");
        await server.ProjectAsync("fuzz", project);
        return new Fuzzer(server.Http, server.Server.Url,
            await server.KeyAsync("fuzz", project, "admin:*", "operator:tenants"), seed);
    }

    private void Judge(FuzzReport report)
    {
        output.WriteLine(report.ToString());
        Assert.True(report.Faults.Count == 0, $"seed {seed}:\n" + string.Join('\n', report.Faults));
        Assert.True(report.Sent >= Fuzzer.Least, $"seed {seed}: {report}");
    }

    /// <summary>Read models are written a moment after the events.</summary>
    private async Task SettledAsync(SortedDictionary<string, long> expected)
    {
        var difference = "";
        for (var tries = 0; tries < SettleTries; tries++)
        {
            difference = LedgerState.Difference(expected, await LedgerState.CountsAsync(server.Ledger.Super));
            if (difference.Length == 0)
            {
                return;
            }
            await server.Ledger.ExecuteAsync("SELECT pg_sleep(0.05)");
        }
        Assert.Fail($"seed {seed}: {difference}");
    }

    private async Task<List<FuzzDoor>> DoorsAsync() => [.. (await Door.AllAsync(server))
        .Where(d => d.Method is "POST" or "PUT" or "PATCH").Select(d => new FuzzDoor(d.Method, d.Path))];
}
