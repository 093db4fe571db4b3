using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.ReadModels;

/// <summary>How rows of one projection become the arrays of its statement: tenant and project first, then the
/// columns in the order of the statement's parameters.</summary>
internal sealed class RowTable<TRow>
{
    private readonly string query;
    private readonly List<Func<List<TRow>, NpgsqlParameter>> columns = [];

    public RowTable(string query, Func<TRow, TenancyKeys> keys)
    {
        this.query = query;
        Integer(r => keys(r).Tenant, r => keys(r).Project);
    }

    public RowTable<TRow> Text(params ReadOnlySpan<Func<TRow, string?>> of) => Columns(NpgsqlDbType.Text, of);

    public RowTable<TRow> Json(params ReadOnlySpan<Func<TRow, string?>> of) =>
        Columns(NpgsqlDbType.Jsonb, of);

    public RowTable<TRow> Integer(params ReadOnlySpan<Func<TRow, int?>> of) =>
        Columns(NpgsqlDbType.Integer, of);

    public RowTable<TRow> Boolean(params ReadOnlySpan<Func<TRow, bool?>> of) =>
        Columns(NpgsqlDbType.Boolean, of);

    public RowTable<TRow> Bigint(params ReadOnlySpan<Func<TRow, long?>> of) =>
        Columns(NpgsqlDbType.Bigint, of);

    public RowTable<TRow> Numeric(params ReadOnlySpan<Func<TRow, decimal?>> of) =>
        Columns(NpgsqlDbType.Numeric, of);

    public RowTable<TRow> Real(params ReadOnlySpan<Func<TRow, double>> of) =>
        Columns(NpgsqlDbType.Double, of);

    public RowTable<TRow> Date(params ReadOnlySpan<Func<TRow, DateOnly>> of) =>
        Columns(NpgsqlDbType.Date, of);

    public RowTable<TRow> Time(params ReadOnlySpan<Func<TRow, DateTimeOffset?>> of) =>
        Columns(NpgsqlDbType.TimestampTz, of);

    /// <summary>Adds the statement, where there are rows.</summary>
    public void AddTo(NpgsqlBatch batch, List<TRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }
        var command = new NpgsqlBatchCommand(Sql.Get(query));
        columns.ForEach(c => command.Parameters.Add(c(rows)));
        batch.BatchCommands.Add(command);
    }

    private RowTable<TRow> Columns<T>(NpgsqlDbType type, ReadOnlySpan<Func<TRow, T>> of)
    {
        foreach (var value in of)
        {
            columns.Add(rows => new NpgsqlParameter<T[]>
            {
                TypedValue = [.. rows.Select(value)],
                NpgsqlDbType = NpgsqlDbType.Array | type,
            });
        }
        return this;
    }
}
