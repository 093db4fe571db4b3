using System.Text;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.Answers;
using Aegis.Models.Caching;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Answers;

/// <summary>Answers that are kept in the ledger: after a restart, on other nodes, and by nobody
/// else.</summary>
public sealed class CachedAnswerTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly ModelTokens Tokens = new(10, 5, 4, 3, 2);

    private AnswerTable Table => new(ledger.Database, ledger.Tenants);

    [Fact]
    public async Task Answer_AfterARestart_IsGiven_ToItsProjectAlone()
    {
        var (shop, key) = await CallAsync(new("restart", "shop"), "hi");
        var answer = Answer("said before");
        await using (var first = Node())
        {
            Assert.Null(await first.FindAsync(shop, key, None));
            first.Keep(shop, key, answer);
        }
        await using var second = Node();
        var found = await second.FindAsync(shop, key, None);
        Assert.Equal("said before", Encoding.UTF8.GetString(found!.Body.Span));
        Assert.Equal((ModelProtocol.Anthropic, Tokens), (found.Protocol, found.Tokens));
        Assert.Equal(new AnswerCacheCounts(1, 1, 0, 0, 0, 0), second.Counts);

        // even with the very key nobody else's session sees the row
        foreach (var other in new Tenancy[] { new("restart", "blog"), new("restarted", "shop") })
        {
            var (call, own) = await CallAsync(other, "hi");
            Assert.NotEqual(key, own);
            Assert.Null(await second.FindAsync(call, own, None));
            Assert.Null(await Table.FindAsync(other, key, None));
        }
    }

    [Fact]
    public async Task Answer_OfAnotherNode_IsGivenOnceItsNewsIsHeard()
    {
        var (shop, key) = await CallAsync(new("nodes", "shop"), "hi");
        await using var one = Node();
        await using var two = Node();
        await two.RefreshAsync(None);
        one.Keep(shop, key, Answer("from one"));
        await one.FlushAsync(None);
        Assert.Null(await two.FindAsync(shop, key, None));
        await two.RefreshAsync(None);
        Assert.NotNull(await two.FindAsync(shop, key, None));
        Assert.Equal(1, two.Counts.Stored);
        // from memory now
        Assert.NotNull(await two.FindAsync(shop, key, None));
        Assert.Equal((1L, 2L), (two.Counts.Stored, two.Counts.Hits));
    }

    [Fact]
    public async Task Answer_TooOldByTheDatabasesClock_IsNotGiven_AndAYoungOneOnlyAsLongAsItMay()
    {
        var (shop, key) = await CallAsync(new("ages", "shop"), "hi");
        await using (var node = Node())
        {
            node.Keep(shop, key, Answer("old"));
        }
        await ledger.ExecuteAsync(
            "UPDATE model_answers SET expires_at = now() WHERE key = $1", key.ToArray());
        Assert.Null(await Table.FindAsync(shop.Tenancy, key, None));

        await ledger.ExecuteAsync(
            "UPDATE model_answers SET expires_at = now() + interval '10 minutes' WHERE key = $1",
            key.ToArray());
        var clock = new ManualClock();
        await using var later = new AnswerCache(Table, clock);
        Assert.NotNull(await later.FindAsync(shop, key, None));
        await ledger.ExecuteAsync("DELETE FROM model_answers WHERE key = $1", key.ToArray());
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull(await later.FindAsync(shop, key, None));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await later.FindAsync(shop, key, None));
    }

    [Fact]
    public async Task Answer_OfTheWholeTenant_NeedsItsCommonProject()
    {
        var wide = CacheProfile.Default with { IsTenantWide = true };
        var (shop, key) = await CallAsync(new("wide", "shop"), "hi", wide);
        var (blog, same) = await CallAsync(new("wide", "blog"), "hi", wide);
        Assert.Equal(key, same);
        await using (var node = Node())
        {
            node.Keep(shop, key, Answer("ours"));
            // on this node it is there without the project too
            Assert.NotNull(await node.FindAsync(blog, key, None));
        }
        Assert.Null(await Table.FindAsync(blog.Tenancy, key, None));
        await ledger.CreateProjectAsync(new("wide", CacheableCall.TenantProject));
        await using (var node = Node())
        {
            node.Keep(shop, key, Answer("ours"));
        }
        await using var other = Node();
        Assert.NotNull(await other.FindAsync(blog, key, None));
    }

    [Fact]
    public async Task Keep_TheSameKeyAgain_HoldsTheLast_AndIsNewsAgain()
    {
        var (shop, key) = await CallAsync(new("again", "shop"), "hi");
        await Table.KeepAsync([ToKeep("one"), ToKeep("two")], None);
        var first = await Table.NewsAsync(0, 100, None);
        Assert.Contains(key.Head, first.Heads);
        Assert.Equal("two", await SaidAsync());
        await Table.KeepAsync([ToKeep("three")], None);
        Assert.Equal("three", await SaidAsync());
        var second = await Table.NewsAsync(first.Last, 100, None);
        Assert.True(second.Last > first.Last);
        Assert.Contains(key.Head, second.Heads);
        Assert.Empty((await Table.NewsAsync(second.Last, 100, None)).Heads);
        // numbers that began anew are read from the first
        Assert.Contains(key.Head, (await Table.NewsAsync(second.Last + 1_000_000, 100, None)).Heads);

        AnswerToKeep ToKeep(string text) => new(shop.Tenancy, key, Answer(text), TimeSpan.FromHours(1));

        async Task<string> SaidAsync() => Encoding.UTF8.GetString(
            (await Table.FindAsync(shop.Tenancy, key, None))!.Value.Answer.Body.Span);
    }

    [Fact]
    public async Task Prune_RemovesWhatIsTooOld_AndTheOldestBeyondTheLimits()
    {
        var rows = await ledger.CreateProjectAsync(new("prune", "rows"));
        var bytes = await ledger.CreateProjectAsync(new("prune", "bytes"));
        await FillAsync(rows.Tenant, rows.Project, AnswerTable.RowsMax + 1, 1);
        const int Large = AnswerCacheOptions.AnswerBytesMax;
        await FillAsync(bytes.Tenant, bytes.Project, (int)(AnswerTable.BytesMax / Large) + 1, Large);
        await ledger.ExecuteAsync("""
            UPDATE model_answers SET expires_at = now() - interval '1 second'
             WHERE project_key = $1 AND seq = (SELECT max(seq) FROM model_answers WHERE project_key = $1)
            """, rows.Project);
        await Table.PruneAsync(None);
        // one was too old, which leaves the limit; of the other project the oldest is too much
        Assert.Equal((AnswerTable.RowsMax, AnswerTable.BytesMax / Large),
            (await CountAsync(rows.Project), await CountAsync(bytes.Project)));
        await FillAsync(rows.Tenant, rows.Project, 1, 1, from: 900_000);
        await Table.PruneAsync(None);
        Assert.Equal(AnswerTable.RowsMax, await CountAsync(rows.Project));
        Assert.Equal(0, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM model_answers WHERE project_key = $1 AND key_head = 1", rows.Project));

        Task<long> CountAsync(int project) => ledger.ScalarAsync<long>(
            "SELECT count(*) FROM model_answers WHERE project_key = $1", project);
    }

    private Task<int> FillAsync(int tenant, int project, int count, int size, int from = 1) =>
        ledger.ExecuteAsync("""
            INSERT INTO model_answers (tenant_key, project_key, key, key_head, protocol, body, body_bytes,
              input, output,
              cached, written, reasoning, expires_at)
            SELECT $1, $2, sha256(n::text::bytea), n, 'openai', decode(repeat('00', $4), 'hex'), $4,
              1, 1, 0, 0, 0,
                   now() + interval '1 hour' FROM generate_series($5::int, $5::int + $3::int - 1) AS n
            """, tenant, project, count, size, from);

    // it looks for news when it begins and when it is told to: its clock stands
    private AnswerCache Node() => new(Table, new ManualClock());

    private static CachedAnswer Answer(string text) =>
        new(Encoding.UTF8.GetBytes(text), ModelProtocol.Anthropic, Tokens);

    private async Task<(CacheableCall Call, AnswerKey Key)> CallAsync(Tenancy tenancy, string question,
        CacheProfile? rules = null)
    {
        if (await ledger.Tenants.ResolveAsync(tenancy, None) is null)
        {
            await ledger.CreateProjectAsync(tenancy);
        }
        var body = Encoding.UTF8.GetBytes(
            $$"""{"model":"m","messages":[{"role":"user","content":"{{question}}"}]}""");
        var call = new ModelCall(WireProtocol.OpenAi, AnswerKind.Chat, body, "auto")
        {
            Outline = CallOutline.Read(body),
        };
        Assert.Equal(CacheVerdict.Cacheable, CacheableCall.Judge(call, rules ?? CacheProfile.Default, tenancy,
            new(0.1, 4_000), out var cacheable));
        Assert.True(cacheable!.TryKey(new UpstreamTarget("p", new("http://127.0.0.1:1/v1"),
            WireProtocol.OpenAi, UpstreamAuth.None, "m"), out var key));
        return (cacheable, key);
    }
}
