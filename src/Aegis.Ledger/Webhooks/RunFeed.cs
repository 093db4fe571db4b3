using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;

namespace Aegis.Ledger.Webhooks;

/// <summary>A committed event that begins or ends a run, or asks somebody.</summary>
/// <param name="First">Payload of the run's RunStarted; null once erased.</param>
/// <param name="Origin">The registered workflow that the run was started for; null for none.</param>
/// <param name="Workflows">The project's registered workflows, where the run has an origin.</param>
public sealed record RunFeedEvent(FeedCursor Cursor, TenancyKeys Keys, Tenancy Tenancy, string RunId,
    int Version,
    DateTimeOffset At, string Type, byte[]? Payload, byte[]? First, StartOrigin? Origin,
    ImmutableArray<RegisteredWorkflow> Workflows);

/// <summary>What a run was started for.</summary>
public sealed record StartOrigin(string Workflow, int Depth);

/// <summary>What an event causes.</summary>
/// <param name="Event">The webhooks' name of the event; null to tell nobody.</param>
public sealed record FeedReaction(string? Event, string Message, string Body,
    ImmutableArray<NewStart> Starts);

/// <summary>How a turn of the reader went.</summary>
/// <param name="More">Something stands behind the cursor that is not settled yet, or did not fit the
/// page.</param>
public sealed record FeedTurn(int Read, bool More);

/// <summary>
/// Reads run events in an order that skips none (see <see cref="EventFeed"/>), and writes what they
/// cause. The cursor and the rows are one transaction, so that each event is dealt with once, through
/// any kill; the cursor's row is locked meanwhile, so that one node reads at a time.
/// </summary>
public sealed class RunFeed(LedgerDatabase database)
{
    public const int PageMax = 200;

    /// <summary>Deliveries of one webhook that may wait.</summary>
    public const int BacklogMax = 10_000;

    public async Task<FeedTurn> TurnAsync(Func<RunFeedEvent, FeedReaction> react, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        if (await LockAsync(session, cancel) is not { } cursor)
        {
            return new FeedTurn(0, false);
        }
        var page = await ReadAsync(session, cursor, cancel);
        foreach (var raw in page)
        {
            await WriteAsync(session, raw, react(await WithOriginAsync(session, raw, cancel)), cancel);
        }
        var at = page.Count == 0 ? cursor : page[^1].Cursor;
        if (page.Count > 0)
        {
            await session.ExecuteAsync("run_feed.move", cancel, Text(at), at.Position);
        }
        await using var more = session.Command("run_feed.more", Text(at), at.Position);
        var turn = new FeedTurn(page.Count, (bool)(await more.ExecuteScalarAsync(cancel))!);
        await session.CommitAsync(cancel);
        return turn;
    }

    private static async Task WriteAsync(
        EngineSession session, RunFeedEvent raw, FeedReaction reaction, CancellationToken cancel)
    {
        if (reaction.Event is { } name)
        {
            await session.ExecuteAsync("deliveries.add", cancel, raw.Keys.Tenant, raw.Keys.Project,
                reaction.Message, name, raw.RunId, reaction.Body, BacklogMax);
        }
        foreach (var start in reaction.Starts)
        {
            await session.ExecuteAsync("starts.add", cancel, [.. start.Parameters(raw.Keys)]);
        }
    }

    private static async Task<FeedCursor?> LockAsync(EngineSession session, CancellationToken cancel)
    {
        await using var command = session.Command("run_feed.lock");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Cursor(reader.GetString(0), reader.GetInt64(1)) : null;
    }

    private static async Task<List<RunFeedEvent>> ReadAsync(
        EngineSession session, FeedCursor after, CancellationToken cancel)
    {
        await using var command = session.Command("run_feed.read", Text(after), after.Position, PageMax);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var page = new List<RunFeedEvent>();
        while (await r.ReadAsync(cancel))
        {
            page.Add(new RunFeedEvent(Cursor(r.GetString(0), r.GetInt64(1)),
                new TenancyKeys(r.GetInt32(2), r.GetInt32(3)), new Tenancy(r.GetString(9), r.GetString(10)),
                r.GetString(8), r.GetInt32(7), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5),
                r.IsDBNull(6) ? null : r.GetFieldValue<byte[]>(6),
                r.IsDBNull(11) ? null : r.GetFieldValue<byte[]>(11), null, []));
        }
        return page;
    }

    private static async Task<RunFeedEvent> WithOriginAsync(
        EngineSession session, RunFeedEvent raw, CancellationToken cancel)
    {
        await using var ask = session.Command(
            "starts.of_run", raw.Keys.Tenant, raw.Keys.Project, raw.RunId);
        StartOrigin origin;
        await using (var reader = await ask.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
            {
                return raw;
            }
            origin = new StartOrigin(reader.GetString(0), reader.GetInt32(1));
        }
        await using var list = session.Command(
            "workflows.list", raw.Keys.Tenant, raw.Keys.Project, null, int.MaxValue);
        await using var rows = await list.ExecuteReaderAsync(cancel);
        var workflows = ImmutableArray.CreateBuilder<RegisteredWorkflow>();
        while (await rows.ReadAsync(cancel))
        {
            workflows.Add(RegisteredWorkflow.Read(rows));
        }
        return raw with { Origin = origin, Workflows = workflows.ToImmutable() };
    }

    private static string Text(FeedCursor cursor) =>
        cursor.Transaction.ToString(CultureInfo.InvariantCulture);

    private static FeedCursor Cursor(string transaction, long position) =>
        new(ulong.Parse(transaction, CultureInfo.InvariantCulture), position);
}
