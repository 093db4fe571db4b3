using Aegis.Attack.Tests.Support;
using Aegis.Ledger;
using Npgsql;

namespace Aegis.Attack.Tests.Tables;

/// <summary>A transaction of the superuser that is rolled back, in which door roles hold every grant on one
/// table, so that policies alone stand in the way. A table that happens to hold no row of attacker or victim
/// gets one.</summary>
internal sealed class AttackTransaction : IAsyncDisposable
{
    /// <summary>Refused by a policy or a grant.</summary>
    public const int Denied = -42501;

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly Table table;
    private readonly Holding attacker;
    private readonly Holding victim;

    private AttackTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, Table table,
        WorldFixture world)
    {
        (this.connection, this.transaction, this.table) = (connection, transaction, table);
        (attacker, victim) = (world.Attacker, world.Stranger);
        IsVictims = $"(tenant_key <> {attacker.Keys.Tenant} OR tenant_key = {world.Neighbour.Keys.Tenant} "
            + $"AND project_key = {world.Neighbour.Keys.Project} AND current_user = 'aegis_app')";
    }

    /// <summary>A condition that every foreign row meets. Another project of its own tenant is foreign to a
    /// door of one project only.</summary>
    public string IsVictims { get; }

    public static async Task<AttackTransaction> BeginAsync(NpgsqlConnection connection, Table table,
        WorldFixture world)
    {
        var act = new AttackTransaction(connection, await connection.BeginTransactionAsync(), table, world);
        // without foreign keys and triggers rows need no parents; policies are not touched by this
        await act.RunAsync("SET LOCAL session_replication_role = replica");
        await act.RunAsync($"GRANT ALL ON {table.Name} TO aegis_app, aegis_app_tenant");
        foreach (var holding in new[] { world.Attacker, world.Neighbour, world.Stranger })
        {
            await act.FillAsync(holding);
        }
        return act;
    }

    /// <summary>The primary key of one of the victim's rows, as a condition: an id that was
    /// guessed.</summary>
    public async Task<string> KeyOfVictimAsync()
    {
        var pairs = string.Join(", ", table.PrimaryKey.Select(c => $"format('%I = %L', '{c}', {c})"));
        return (await TableCatalog.NamesAsync(connection,
            $"SELECT concat_ws(' AND ', {pairs}) FROM {table.Name} "
            + $"WHERE tenant_key = {victim.Keys.Tenant} AND project_key = {victim.Keys.Project} LIMIT 1"))
                .Single();
    }

    public async Task<long> CountAsync(LedgerRole role, string sql, bool isProtected) =>
        await DoAsync(role, isProtected, async () =>
        {
            await using var command = new NpgsqlCommand(
                sql.Replace("{0}", IsVictims, StringComparison.Ordinal), connection);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = 0;
            while (await reader.ReadAsync())
            {
                rows++;
            }
            return rows;
        });

    public Task<int> ChangeAsync(LedgerRole role, string sql, bool isProtected) =>
        DoAsync(role, isProtected, () => RunAsync(sql));

    public async ValueTask DisposeAsync()
    {
        await transaction.RollbackAsync();
        await transaction.DisposeAsync();
    }

    private async Task<int> DoAsync(LedgerRole role, bool isProtected, Func<Task<int>> act)
    {
        await RunAsync("SAVEPOINT act");
        try
        {
            if (!isProtected)
            {
                await RunAsync($"ALTER TABLE {table.Name} DISABLE ROW LEVEL SECURITY");
            }
            await RunAsync($"SELECT set_config('app.tenant_key', '{attacker.Keys.Tenant}', true), "
                + $"set_config('app.project_key', '{attacker.Keys.Project}', true)");
            await RunAsync($"SET LOCAL ROLE {RoleName.Of(role)}");
            return await act();
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            return Denied;
        }
        finally
        {
            await RunAsync("ROLLBACK TO act");
        }
    }

    private async Task FillAsync(Holding holding)
    {
        var owner = $"tenant_key = {holding.Keys.Tenant} AND project_key = {holding.Keys.Project}";
        if ((await TableCatalog.NamesAsync(connection,
            $"SELECT '' FROM {table.Name} WHERE {owner} LIMIT 1")).Count > 0)
        {
            return;
        }
        var types = await TableCatalog.NamesAsync(connection, $"""
            SELECT format_type(atttypid, NULL) FROM pg_attribute
             WHERE attrelid = 'aegis.{table.Name}'::regclass AND attnum > 0 AND NOT attisdropped
             ORDER BY attnum
            """);
        foreach (var constraint in await TableCatalog.NamesAsync(connection,
            "SELECT quote_ident(conname) FROM "
            + $"pg_constraint WHERE contype = 'c' AND conrelid = 'aegis.{table.Name}'::regclass"))
        {
            await RunAsync($"ALTER TABLE {table.Name} DROP CONSTRAINT {constraint}");
        }
        var made = table.Columns.Zip(types).Where(c => !c.First.Generated).ToList();
        await RunAsync($"INSERT INTO {table.Name} ({string.Join(", ", made.Select(c => c.First.Name))}) "
            + $"VALUES ({string.Join(", ", made.Select(c => Value(c.First.Name, c.Second, holding)))})");
    }

    private static string Value(string column, string type, Holding holding) => (column, type) switch
    {
        ("tenant_key", _) => $"{holding.Keys.Tenant}",
        ("project_key", _) => $"{holding.Keys.Project}",
        (_, "text" or "character varying") => $"'{holding.Mark}'",
        (_, "bytea") => $"convert_to('{holding.Mark}', 'UTF8')",
        (_, "text[]") => "'{}'",
        (_, "jsonb" or "json") => "'{}'",
        (_, "timestamp with time zone") => "now()",
        (_, "boolean") => "true",
        (_, "double precision") => "0.5",
        (_, "date") => "current_date",
        (_, "xid8") => "pg_current_xact_id()",
        (_, "integer" or "bigint" or "smallint" or "numeric") => $"{900_000_000 + holding.Keys.Project}",
        _ => throw new NotSupportedException($"no value for a column {column} of type {type}"),
    };

    private async Task<int> RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
