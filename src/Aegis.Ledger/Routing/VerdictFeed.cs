using System.Globalization;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;
using Aegis.Ledger.EventStore;

namespace Aegis.Ledger.Routing;

/// <summary>A learning state as it was kept, and the last verdict that is in it.</summary>
public sealed record KeptLearning(FeedCursor Cursor, byte[] State);

/// <summary>What a node learns of beyond its own calls, as role engine: verdicts of all tenants, in an order
/// that gains none behind the reader, and the state that was kept last.</summary>
public sealed class VerdictFeed(LedgerDatabase database)
{
    public const int PageMax = 1_000;

    /// <summary>Three days halve a verdict: after so many it is nothing.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(180);

    /// <summary>Of a home that is gone.</summary>
    public static TimeSpan StateKept { get; } = TimeSpan.FromDays(7);

    public async Task<IReadOnlyList<(FeedCursor Cursor, ModelVerdict Verdict)>> ReadAsync(
        FeedCursor after, CancellationToken cancel)
    {
        await using var command = database.Source(LedgerRole.Engine)
            .CreateCommand(Sql.Get("verdicts.read"));
        command.Parameters.AddWithValue(Text(after));
        command.Parameters.AddWithValue(after.Position);
        command.Parameters.AddWithValue(PageMax);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var page = new List<(FeedCursor, ModelVerdict)>();
        while (await r.ReadAsync(cancel))
        {
            page.Add((Cursor(r.GetString(0), r.GetInt64(1)), new ModelVerdict(r.GetString(2), r.GetString(3),
                new ModelKey(r.GetString(4), r.GetString(5)), VerdictWords.Read(r.GetString(6))!.Value,
                r.GetDouble(7), r.GetFieldValue<DateTimeOffset>(8))));
        }
        return page;
    }

    /// <summary>The newest of any node; null where none was kept.</summary>
    public async Task<KeptLearning?> LoadAsync(CancellationToken cancel)
    {
        await using var command = database.Source(LedgerRole.Engine)
            .CreateCommand(Sql.Get("routing_state.load"));
        await using var r = await command.ExecuteReaderAsync(cancel);
        return await r.ReadAsync(cancel)
            ? new KeptLearning(Cursor(r.GetString(0), r.GetInt64(1)), r.GetFieldValue<byte[]>(2))
            : null;
    }

    public async Task SaveAsync(KeptLearning kept, DateTimeOffset at, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("routing_state.save", cancel, database.HomeId, at, Text(kept.Cursor),
            kept.Cursor.Position, kept.State);
        await session.ExecuteAsync("routing_state.prune", cancel, at - StateKept);
        await session.CommitAsync(cancel);
    }

    /// <summary>Deletes verdicts that count for nothing any more.</summary>
    public async Task PruneAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("verdicts.prune", cancel, now - Kept);
        await session.CommitAsync(cancel);
    }

    private static string Text(FeedCursor cursor) =>
        cursor.Transaction.ToString(CultureInfo.InvariantCulture);

    private static FeedCursor Cursor(string transaction, long position) =>
        new(ulong.Parse(transaction, CultureInfo.InvariantCulture), position);
}
