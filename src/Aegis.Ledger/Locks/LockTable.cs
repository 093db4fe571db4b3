using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Locks;

/// <summary>
/// The locks of all projects, as role engine. A turn: 1. take the project's turn; 2. read its book; 3. apply
/// the wishes in order; 4. grant what can be granted, each with a fence; 5. commit. Either all of it happened
/// or nothing, and a wish that is made again after a crash changes nothing.
/// </summary>
public sealed class LockTable
{
    /// <summary>Names that one task may ask for.</summary>
    public const int NamesMax = WorkflowLimits.LocksMax;

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
        foreach (var wish in wishes)
        {
            await page.ApplyAsync(session, wish, cancel);
        }
        var verdicts = await page.GrantAsync(session, cancel);
        await session.CommitAsync(cancel);
        return verdicts;
    }

    /// <summary>What other nodes granted to runs of this one; each once.</summary>
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
                    [.. reader.GetFieldValue<string[]>(4)], reader.GetInt64(5)));
            }
        }
        await session.CommitAsync(cancel);
        return told;
    }

    /// <summary>Drops what ended runs left; the projects in which something is free again.</summary>
    public async Task<IReadOnlyList<(Tenancy Tenancy, TenancyKeys Keys)>> SweepAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var freed = new List<(Tenancy, TenancyKeys)>();
        await using (var command = session.Command("locks.sweep"))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                freed.Add((new Tenancy(reader.GetString(0), reader.GetString(1)),
                    new TenancyKeys(reader.GetInt32(2), reader.GetInt32(3))));
            }
        }
        await session.CommitAsync(cancel);
        return freed;
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
                reader.IsDBNull(5) ? null : reader.GetInt64(5), reader.GetInt64(6) == node));
        }
        return rows;
    }

    internal static string TextOf(LockOwner owner) =>
        string.Create(CultureInfo.InvariantCulture, $"{owner.RunId}#{owner.Index}");

    private static LockOwner OwnerOf(Tenancy tenancy, string text)
    {
        var at = text.LastIndexOf('#');
        return new LockOwner(tenancy, text[..at],
            int.Parse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}

/// <summary>A request as it is stored.</summary>
/// <param name="Mine">It is of a run of this node.</param>
internal sealed record LockRow(long Id, LockEntry Entry, long? Fence, bool Mine);
