using Aegis.Core.Budgets;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Budgets;

/// <summary>
/// One node's leases in PostgreSQL, as role engine. A turn: 1. hold the pools' rows, all keys in one order;
/// 2. read this node's leases of them; 3. reckon (<see cref="BudgetPool"/>); 4. put both; 5. commit. So what
/// is answered is durable, and however many nodes take turns, no limit gives away more than it has. Steps 1
/// and 2 are one round trip, 4 is one, 5 is one. Rejected: the same arithmetic in SQL, which would save one
/// of them and be a second place that must be right.
/// </summary>
public sealed class BudgetLeases : IBudgetLeases
{
    /// <summary>Limits of one turn.</summary>
    public const int KeysMax = 1_000;

    /// <summary>How long what was used in a period is kept after its first day.</summary>
    public static TimeSpan KeptFor { get; } = TimeSpan.FromDays(400);

    private readonly LedgerDatabase database;
    private readonly long node;

    internal BudgetLeases(LedgerDatabase database, long node) =>
        (this.database, this.node) = (database, node);

    public async ValueTask<IReadOnlyList<LeaseAnswer>> LeaseAsync(
        IReadOnlyList<LeaseAsk> asks, CancellationToken cancel)
    {
        await using var turn = await BudgetTurn.OpenAsync(database, node, [.. asks.Select(a => a.Key)],
            lease: true, cancel) ?? throw new AegisException(BudgetErrors.NoLedger());
        var grants = asks.Select(a => turn.Pool(a.Key, a.Limit.Most).Grant(
            turn.Lease(a.Key), a.Needed, a.Wanted, Money.PlacesOf(a.Key.Unit))).ToList();
        if (grants.Contains(null))
        {
            return [.. asks.Zip(grants, (a, granted) =>
                new LeaseAnswer(null, turn.Pool(a.Key, a.Limit.Most).Left, granted is null))];
        }
        foreach (var (ask, granted) in asks.Zip(grants))
        {
            var lease = turn.Lease(ask.Key);
            turn.Put(ask.Key, lease with { Leased = lease.Leased + granted!.Value });
        }
        await turn.CommitAsync(cancel);
        return [.. asks.Zip(grants, (a, granted) =>
            new LeaseAnswer(granted, turn.Pool(a.Key, a.Limit.Most).Left))];
    }

    /// <summary>A node that was fenced may say it too: what it says it has not used it cannot use any
    /// more.</summary>
    public async ValueTask HandInAsync(IReadOnlyList<LeaseSums> leases, CancellationToken cancel)
    {
        foreach (var part in leases.Chunk(KeysMax))
        {
            await using var turn = (await BudgetTurn.OpenAsync(
                database, node, [.. part.Select(s => s.Key)], lease: false, cancel))!;
            foreach (var sums in part)
            {
                var before = turn.Lease(sums.Key);
                // one that was swept away is there again with what the node says
                turn.Put(sums.Key, new(
                    before == default ? sums.Leased : Math.Min(before.Leased, sums.Leased),
                    Math.Max(before.Spent, sums.Spent), Math.Max(before.GivenBack, sums.GivenBack)));
            }
            await turn.CommitAsync(cancel);
        }
    }

    public async ValueTask CloseAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel)
    {
        foreach (var part in keys.Chunk(KeysMax))
        {
            await using var session = await EngineSession.OpenAsync(database, cancel);
            await session.ExecuteAsync("budgets.close", cancel, [.. BudgetColumns.Of(part), node]);
            await session.CommitAsync(cancel);
        }
    }

    public async ValueTask<IReadOnlyList<BudgetUse>> LookAsync(
        IReadOnlyList<BudgetKey> keys, CancellationToken cancel)
    {
        var found = new List<BudgetUse>(keys.Count);
        foreach (var part in keys.Chunk(KeysMax))
        {
            await using var session = await EngineSession.OpenAsync(database, cancel);
            await using var command = session.Command("budgets.look", BudgetColumns.Of(part));
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                found.Add(new(reader.GetDecimal(0), reader.GetDecimal(1)));
            }
        }
        return found;
    }

    /// <summary>Drops what nobody asks for again: limits of ended runs, and of periods long over.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await session.ExecuteAsync("budgets.sweep", cancel, (int)KeptFor.TotalDays);
        await session.CommitAsync(cancel);
    }
}
