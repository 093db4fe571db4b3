using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Locks;

/// <summary>
/// The locks of all projects, as role engine. A turn: 1. take the project's turn; 2. read its book; 3. take
/// away what holders outside held for too long; 4. apply the wishes in order; 5. grant what can be granted,
/// each with a fence; 6. commit. Either all of it happened or nothing, and a wish that is made again after a
/// crash changes nothing.
/// </summary>
public sealed class LockTable
{
    /// <summary>Names that one task may ask for.</summary>
    public const int NamesMax = WorkflowLimits.LocksMax;

    /// <summary>Locks of holders outside that a project has or waits for at once.</summary>
    public const int OutsideMax = 1_000;

    private readonly LedgerDatabase database;
    private readonly long node;

    internal LockTable(LedgerDatabase database, long node) => (this.database, this.node) = (database, node);

    public async Task<LockVerdicts> TurnAsync(
        Tenancy tenancy, TenancyKeys keys, IReadOnlyList<LockWish> wishes, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("locks.turn", cancel, keys.Tenant, keys.Project);
        await using (var alive = session.Command("locks.alive", node))
        {
            if (await alive.ExecuteScalarAsync(cancel) is null)
            {
                return new LockVerdicts([], []);
            }
        }
        var page = new LockPage(keys, node, await ReadAsync(session, tenancy, keys, cancel));
        var outside = new OutsidePage(page, keys, session);
        await outside.ExpireAsync(cancel);
        var answers = new List<OutsideAnswer?>();
        foreach (var wish in wishes)
        {
            await page.ApplyAsync(session, wish, cancel);
            answers.Add(await outside.ApplyAsync(wish, cancel));
        }
        await page.GrantAsync(session, outside, cancel);
        await session.CommitAsync(cancel);
        return page.Verdicts with { Answers = answers, Due = outside.Due, HasFacts = outside.HasFacts };
    }

    /// <summary>What other nodes granted to those who wait on this one; each once.</summary>
    public async Task<IReadOnlyList<LockGrant>> TellAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var told = new List<LockGrant>();
        await using (var command = session.Command("locks.tell", node))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                var tenancy = new Tenancy(reader.GetString(0), reader.GetString(1));
                told.Add(new LockGrant(new LockOwner(tenancy, reader.GetString(2), reader.GetInt32(3)),
                    [.. reader.GetFieldValue<string[]>(4)], reader.GetInt64(5),
                    reader.GetFieldValue<DateTimeOffset>(6), TimeOf(reader, 7)));
            }
        }
        await session.CommitAsync(cancel);
        return told;
    }

    /// <summary>Drops what ended runs left; the projects in which something is free again, or somebody's
    /// time is over.</summary>
    public async Task<IReadOnlyList<(Tenancy Tenancy, TenancyKeys Keys)>> SweepAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var found = new HashSet<(Tenancy, TenancyKeys)>();
        await FindAsync(session, "locks.sweep", found, cancel);
        await FindAsync(session, "locks.due", found, cancel);
        await session.CommitAsync(cancel);
        return [.. found];
    }

    private static async Task FindAsync(EngineSession session, string query,
        HashSet<(Tenancy, TenancyKeys)> found, CancellationToken cancel)
    {
        await using var command = session.Command(query);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add((new Tenancy(reader.GetString(0), reader.GetString(1)),
                new TenancyKeys(reader.GetInt32(2), reader.GetInt32(3))));
        }
    }

    private async Task<List<LockRow>> ReadAsync(
        EngineSession session, Tenancy tenancy, TenancyKeys keys, CancellationToken cancel)
    {
        await using var command = session.Command("locks.read", keys.Tenant, keys.Project);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<LockRow>();
        while (await reader.ReadAsync(cancel))
        {
            var entry = new LockEntry(new LockOwner(tenancy, reader.GetString(1), reader.GetInt32(2)),
                [.. reader.GetFieldValue<string[]>(3)],
                [.. reader.GetFieldValue<string[]>(4).Select(text => OwnerOf(tenancy, text))]);
            rows.Add(new LockRow(reader.GetInt64(0), entry,
                reader.IsDBNull(5) ? null : reader.GetInt64(5), reader.GetInt64(6) == node)
            {
                GrantedAt = TimeOf(reader, 7) ?? default,
                Outside = reader.IsDBNull(8) ? null : new OutsideTerms(reader.GetString(8),
                    reader.GetString(9), reader.GetInt32(10), TimeOf(reader, 11),
                    reader.IsDBNull(12) ? null : TimeSpan.FromSeconds(reader.GetDouble(12)),
                    reader.IsDBNull(13) ? null : reader.GetString(13)),
            });
        }
        return rows;
    }

    private static DateTimeOffset? TimeOf(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    internal static string TextOf(LockOwner owner) =>
        string.Create(CultureInfo.InvariantCulture, $"{owner.RunId}#{owner.Index}");

    private static LockOwner OwnerOf(Tenancy tenancy, string text)
    {
        var at = text.LastIndexOf('#');
        return new LockOwner(tenancy, text[..at],
            int.Parse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
