using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Secrets;

/// <summary>
/// Moves facts from where their transactions left them into their streams. 1. One mover at a time, by a lock
/// of the database, so a stream has one writer; 2. a page of facts in order; 3. those that stand in their
/// stream already (a kill came between 4 and 5) are left out; 4. append; 5. delete and commit.
/// </summary>
public sealed class SecretFactMover
{
    /// <summary>Facts a turn; so many events from a stream's end tell what a killed turn had done.</summary>
    public const int PageMax = 200;

    private readonly LedgerDatabase database;
    private readonly EngineLedger ledger;
    private readonly NpgsqlDataSource engine;
    private readonly GroupCommit commit;

    internal SecretFactMover(
        LedgerDatabase database, EngineLedger ledger, NpgsqlDataSource engine, GroupCommit commit) =>
        (this.database, this.ledger, this.engine, this.commit) = (database, ledger, engine, commit);

    /// <summary>How many were moved; fewer than a page means that none is left.</summary>
    public async Task<int> TurnAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("secret_facts.hold", cancel);
        await session.ExecuteAsync("secrets.forget_expired", cancel);
        var facts = await ReadAsync(session, cancel);
        var moved = new List<long>();
        foreach (var stream in facts.GroupBy(f => (f.Keys, f.Tenancy, f.Stream)))
        {
            var (keys, tenancy, id) = stream.Key;
            if (await AppendAsync(keys, tenancy, id, [.. stream], cancel))
            {
                moved.AddRange(stream.Select(f => f.Id));
            }
        }
        await session.ExecuteAsync("secret_facts.delete", cancel, moved.ToArray());
        await session.CommitAsync(cancel);
        return moved.Count;
    }

    private async Task<bool> AppendAsync(TenancyKeys keys, Tenancy tenancy, string stream, List<Fact> facts,
        CancellationToken cancel)
    {
        var found = await ledger.Streams.FindAsync(keys, stream, cancel);
        var head = new StreamHead(found ?? ledger.Streams.NewKey(), keys, tenancy, stream);
        if (found is { } key)
        {
            var tail = await TailAsync(key, cancel);
            head.Resume(tail[0].Version, tail[0].Hash);
            var there = tail.Select(IdOf).ToHashSet(StringComparer.Ordinal);
            facts.RemoveAll(f => there.Contains(SecretFact.IdOf(RunEventCodec.Decode(f.Type, f.Payload))));
        }
        if (facts.Count == 0)
        {
            return true;
        }
        var chained = facts.Select(f => head.Chain(f.Type, f.At, f.Payload)).ToArray();
        if (await commit.AppendAsync(head, chained, isNewStream: found is null) != AppendOutcome.Committed)
        {
            return false;
        }
        if (found is null)
        {
            var batch = new ReadModelBatch();
            batch.ClosedStreams.Add(head.Key);
            await ledger.ReadModels.WriteAsync(batch, cancel);
        }
        return true;
    }

    private async Task<List<StoredEvent>> TailAsync(long key, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("artifacts.tail"));
        command.Parameters.AddWithValue(key);
        command.Parameters.AddWithValue(int.MaxValue);
        command.Parameters.AddWithValue(PageMax);
        return await EventReader.ReadAsync(command, cancel);
    }

    private static string? IdOf(StoredEvent stored) => stored.Payload is { } payload
        ? SecretFact.IdOf(RunEventCodec.Decode(stored.Type, payload)) : null;

    private static async Task<List<Fact>> ReadAsync(EngineSession session, CancellationToken cancel)
    {
        await using var command = session.Command("secret_facts.read", PageMax);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var facts = new List<Fact>();
        while (await reader.ReadAsync(cancel))
        {
            facts.Add(new Fact(reader.GetInt64(0), new TenancyKeys(reader.GetInt32(1), reader.GetInt32(2)),
                new Tenancy(reader.GetString(3), reader.GetString(4)), reader.GetString(5),
                reader.GetString(6), reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetFieldValue<byte[]>(8)));
        }
        return facts;
    }

    private sealed record Fact(long Id, TenancyKeys Keys, Tenancy Tenancy, string Stream, string Type,
        DateTimeOffset At, byte[] Payload);
}
