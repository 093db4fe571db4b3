using Aegis.Core;
using Aegis.Core.Vaccines;
using Aegis.Core.Vaccines.Checks;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Vaccines;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Vaccines;

public sealed class VaccineTableTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Mint_OfTheSameCall_CountsOnce()
    {
        var (table, keys) = (new VaccineTable(ledger.Database), await KeysAsync("once"));
        var order = Order("git push --force") with { CallId = "run_a.b.1" };
        var first = await table.MintAsync(keys, order, Id(1), "key:a", Now, default);
        var again = await table.MintAsync(keys, order, Id(2), "key:a", Now, default);
        Assert.Equal((false, false, first.Vaccine.Id), (first.Merged, again.Merged, again.Vaccine.Id));
        var other =
            await table.MintAsync(keys, order with { CallId = "run_b.b.1" }, Id(3), "key:a", Now, default);
        Assert.Equal((true, new VaccineCounts(2, 0, 1, 0)), (other.Merged, other.Vaccine.Counts));
        Assert.Equal(other.Vaccine, Assert.Single(await table.ListAsync(keys, default)));
    }

    [Fact]
    public async Task Mint_AtTheBound_IsKept_AndPastItIsNot()
    {
        var (table, keys) = (new VaccineTable(ledger.Database), await KeysAsync("many"));
        await ledger.ExecuteAsync("""
            INSERT INTO project_vaccines (tenant_key, project_key, vaccine_id, status, error_pattern,
              solution_instruction, severity, origin_agent, check_json,
              hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at)
            SELECT $1, $2, 'vac_' || lpad(n::text, 26, '0'), 'active', md5(n::text), 'mend', 'low', 'x',
              '{"kind":"rule","rule":"r' || n || '"}', 1, 0, 0, 0, now(), now(), now() + interval '1 day'
              FROM generate_series(1, $3) n
            """, keys.Tenant, keys.Project, VaccineLimits.LiveMax - 1);
        await table.MintAsync(keys, Order("a b"), Id(VaccineLimits.LiveMax), "key:a", Now, default);
        var refused = await Assert.ThrowsAsync<Core.Errors.AegisException>(() =>
            table.MintAsync(keys, Order("c d"), Id(VaccineLimits.LiveMax + 1), "key:a", Now, default));
        Assert.Equal("AEGIS2625", refused.Error.Code);
        // a further hit of one that is there is no further one
        Assert.True((await table.MintAsync(
            keys, Order("a b"), Id(VaccineLimits.LiveMax + 2), "key:a", Now, default)).Merged);
    }

    [Fact]
    public async Task Fade_TakesWhatHelpedNobody_ByTimeAndByRuns()
    {
        var (table, keys) = (new VaccineTable(ledger.Database), await KeysAsync("fading"));
        await table.MintAsync(keys, Order("a old") with { Days = 1 }, Id(1), "key:a", Now, default);
        await table.MintAsync(keys, Order("a idle"), Id(2), "key:a", Now, default);
        await table.MintAsync(keys, Order("a busy") with { Scope = VaccineScope.Tenant }, Id(3), "key:a",
            Now.AddDays(2), default);
        await ledger.ExecuteAsync("""
            INSERT INTO runs_read (tenant_key, project_key, run_id, plan_id, name, status, actor, tasks_total,
              tasks_done, created_at, updated_at)
            SELECT $1, $2, 'run_' || n, 'p', 'n', 'succeeded', 'key:a', 1, 1, $4, $4
            FROM generate_series(1, $3) n
            """, keys.Tenant, keys.Project, VaccineLimits.IdleRunsMax, Now.AddDays(1));
        Assert.Equal(2, await new VaccineTally(ledger.Database).FadeAsync(Now.AddDays(1), default));
        Assert.Equal([VaccineStatus.Active, VaccineStatus.Faded, VaccineStatus.Faded],
            (await table.ListAsync(keys, default)).Select(v => v.Status));
        // the mistake made again wakes it
        Assert.Equal(VaccineStatus.Active,
            (await table.MintAsync(keys, Order("a old"), Id(4), "key:a", Now, default)).Vaccine.Status);
    }

    [Fact]
    public async Task Search_FindsByWordsLettersAndMeaning_AmongTheProjectsOwn()
    {
        var (table, search) = (new VaccineTable(ledger.Database), new VaccineSearch(ledger.Database));
        var (keys, others) = (await KeysAsync("found"), await KeysAsync("unfound"));
        await table.MintAsync(keys,
            Order("a b") with { ErrorPattern = "string concatenation in SQL queries" },
            Id(1), "key:a", Now, default);
        await table.MintAsync(keys, Order("c d") with { ErrorPattern = "missing dependency of useEffect" },
            Id(2), "key:a", Now, default);
        await search.EmbedAsync(keys, Id(1), "here/embed", [1, 0, 0], default);
        await search.EmbedAsync(keys, Id(2), "here/embed", [0, 1, 0.1f], default);
        Assert.Equal([Id(1)], (await search.ByTextAsync(keys, "concatenating strings", default))[0]);
        Assert.Equal([Id(2)], (await search.ByTextAsync(keys, "useEfect dependancy", default))[1]);
        Assert.Equal([Id(2)],
            await search.ByMeaningAsync(keys, "here/embed", new float[] { 0, 2, 0 }, default));
        Assert.Empty(await search.ByMeaningAsync(keys, "there/embed", new float[] { 0, 2, 0 }, default));
        Assert.All(await search.ByTextAsync(others, "concatenating strings", default), Assert.Empty);
        Assert.Empty(await search.ByMeaningAsync(others, "here/embed", new float[] { 0, 2, 0 }, default));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(37)]
    public void Cosine_IsWhatItIsByHand(int length)
    {
        var random = new Random(length);
        float[] a = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        float[] b = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        var expected = a.Zip(b, (x, y) => (double)x * y).Sum()
            / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
        Assert.Equal(expected, VaccineSearch.Cosine(a, b), 4);
        Assert.Equal(0, VaccineSearch.Cosine(a, b.AsSpan(1)));
    }

    private static VaccineOrder Order(string command) => new(VaccineScope.Project, $"mistake {command}",
        "mend", VaccineSeverity.Low, "builder", Check: CommandCheck.Read(command).Check);

    private static string Id(int n) => $"vac_{n:d26}";

    private Task<TenancyKeys> KeysAsync(string tenant) =>
        ledger.CreateProjectAsync(new Tenancy(tenant, "web"));
}
