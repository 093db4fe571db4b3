using Aegis.Core.Budgets;
using Npgsql;

namespace Aegis.Ledger.Budgets;

/// <summary>The rows of some limits while a transaction holds them.</summary>
internal sealed class BudgetTurn : IAsyncDisposable
{
    private readonly EngineSession session;
    private readonly long node;
    private readonly List<BudgetKey> keys;
    private readonly Dictionary<BudgetKey, (BudgetPool Pool, BudgetLease Lease)> rows = [];
    private readonly HashSet<BudgetKey> changed = [];

    private BudgetTurn(EngineSession session, long node, IEnumerable<BudgetKey> keys) =>
        (this.session, this.node, this.keys) =
            (session, node, [.. keys.Distinct().Order(BudgetColumns.Order)]);

    /// <summary>Null where the node has been fenced and wants to lease.</summary>
    public static async Task<BudgetTurn?> OpenAsync(LedgerDatabase database, long node,
        IReadOnlyList<BudgetKey> keys, bool lease, CancellationToken cancel)
    {
        var session = await EngineSession.OpenAsync(database, cancel);
        try
        {
            var turn = new BudgetTurn(session, node, keys);
            if (await turn.HoldAsync(lease, cancel))
            {
                return turn;
            }
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
        await session.DisposeAsync();
        return null;
    }

    public BudgetPool Pool(BudgetKey key, decimal most) => rows[key].Pool with { Most = most };

    public BudgetLease Lease(BudgetKey key) => rows[key].Lease;

    public void Put(BudgetKey key, BudgetLease lease)
    {
        var (pool, before) = rows[key];
        if (lease != before)
        {
            rows[key] = (pool.With(before, lease), lease);
            changed.Add(key);
        }
    }

    public async Task CommitAsync(CancellationToken cancel)
    {
        if (changed.Count > 0)
        {
            var put = keys.Where(changed.Contains).ToList();
            var values = put.ConvertAll(k => rows[k]);
            await session.ExecuteAsync("budgets.put", cancel,
            [
                .. BudgetColumns.Of(put), node,
                BudgetColumns.Amounts(values, v => v.Pool.Spent),
                BudgetColumns.Amounts(values, v => v.Pool.Out),
                BudgetColumns.Amounts(values, v => v.Lease.Leased),
                BudgetColumns.Amounts(values, v => v.Lease.Spent),
                BudgetColumns.Amounts(values, v => v.Lease.GivenBack),
            ]);
        }
        await session.CommitAsync(cancel);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private async Task<bool> HoldAsync(bool lease, CancellationToken cancel)
    {
        await using var batch = session.Batch();
        if (lease)
        {
            Add(batch, "budgets.alive", [new NpgsqlParameter<long>("", node)]);
        }
        Add(batch, "budgets.hold", BudgetColumns.Of(keys));
        Add(batch, "budgets.leases",
            [.. BudgetColumns.Of(keys), new NpgsqlParameter<long>("", node)]);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (lease)
        {
            if (!await reader.ReadAsync(cancel))
            {
                return false;
            }
            await reader.NextResultAsync(cancel);
        }
        var pools = new List<BudgetPool>(keys.Count);
        while (await reader.ReadAsync(cancel))
        {
            pools.Add(new(0, reader.GetDecimal(0), reader.GetDecimal(1)));
        }
        await reader.NextResultAsync(cancel);
        for (var i = 0; await reader.ReadAsync(cancel); i++)
        {
            rows[keys[i]] = (pools[i],
                new(reader.GetDecimal(0), reader.GetDecimal(1), reader.GetDecimal(2)));
        }
        return true;
    }

    private static void Add(NpgsqlBatch batch, string query, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(Sql.Get(query));
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }
        batch.BatchCommands.Add(command);
    }
}
