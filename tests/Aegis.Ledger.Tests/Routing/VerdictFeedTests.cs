using Aegis.Core;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Routing;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Routing;

public sealed class VerdictFeedTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Page_AtItsBoundIsOne_AndOnePastIsTwo()
    {
        var keys = await ledger.CreateProjectAsync(new Tenancy("acme", "web"));
        var feed = new VerdictFeed(ledger.Database);
        await AddAsync(1, VerdictFeed.PageMax);
        var page = await feed.ReadAsync(FeedCursor.Start, default);
        Assert.Equal(VerdictFeed.PageMax, page.Count);
        Assert.Empty(await feed.ReadAsync(page[^1].Cursor, default));
        await AddAsync(VerdictFeed.PageMax + 1, VerdictFeed.PageMax + 1);
        Assert.Equal(VerdictFeed.PageMax, (await feed.ReadAsync(FeedCursor.Start, default)).Count);
        var (_, last) = Assert.Single(await feed.ReadAsync(page[^1].Cursor, default));
        Assert.Equal($"m{VerdictFeed.PageMax + 1}", last.Model.Model);

        async Task AddAsync(int from, int to)
        {
            await ledger.ExecuteAsync("""
                INSERT INTO model_verdicts (tenant_key, project_key, subject, kind, actor, judged, task_type,
                  provider, model, value, at)
                SELECT $1, $2, 'call_' || n, 'auditor', 'key:a', 'd', 'general', 'p', 'm' || n, 1, now()
                  FROM generate_series($3::int, $4::int) n
                """, keys.Tenant, keys.Project, from, to);
            // it is read once nobody who began before it is still at work
            await ledger.UntilAsync<int>("""
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM model_verdicts
                  WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))
                """);
        }
    }
}
