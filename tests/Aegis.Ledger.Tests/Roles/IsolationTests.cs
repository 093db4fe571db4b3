using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.Roles;

/// <summary>Every tenant table that pg_catalog knows, attacked by a door of another tenant and project. All
/// grants are given inside the test's transaction, so that policies alone stand in the way; the engine does
/// the same acts as the control.</summary>
public sealed class IsolationTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly Owner Own = new(1, 1);
    private static readonly Owner OtherProject = new(1, 2);
    private static readonly Owner OtherTenant = new(2, 3);

    [Fact]
    public async Task Policies_EveryTenantTable_HasThemForced()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        Assert.NotEmpty(await Catalog.TenantTablesAsync(connection));
        Assert.Empty(await Catalog.HolesAsync(connection));
    }

    [Theory]
    [InlineData("CREATE TABLE rogue (tenant_key int)", "rogue: row level security is not forced")]
    [InlineData("CREATE TABLE rogue (tenant_key int); SELECT isolate('rogue'); "
        + "ALTER TABLE rogue NO FORCE ROW LEVEL SECURITY", "rogue: row level security is not forced")]
    [InlineData("CREATE TABLE rogue (tenant_key int); SELECT isolate('rogue'); "
        + "DROP POLICY of_project ON rogue; "
        + "CREATE POLICY of_project ON rogue TO aegis_app USING (true)",
            "rogue: no tenant policy for aegis_app")]
    [InlineData("CREATE TABLE rogue (tenant_key int); SELECT isolate('rogue'); "
        + "CREATE POLICY more ON rogue TO aegis_app USING (true)",
            "rogue: more than one policy for aegis_app")]
    [InlineData("CREATE VIEW rogue AS SELECT * FROM events", "rogue: a view that does not see as its caller")]
    public async Task Policies_MigrationThatForgets_IsNamed(string migration, string hole)
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, migration);
        Assert.Contains(hole, await Catalog.HolesAsync(connection));
    }

    [Fact]
    public async Task EveryTenantTable_OtherTenantsAndProjects_AreInvisibleAndUnwritable()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        foreach (var table in await Catalog.TenantTablesAsync(connection))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await AttackAsync(connection, table);
            await transaction.RollbackAsync();
        }
    }

    [Fact]
    public async Task App_CommandForAStreamOfAnotherProject_IsRefused()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, """
            SET session_replication_role = replica;
            INSERT INTO streams (stream_key, tenant_key, project_key, stream_id)
            VALUES (1, 1, 1, 'own'), (2, 2, 3, 'foreign')
            """);
        await ActAsAsync(connection, LedgerRole.App, Own);
        const string ask =
            "INSERT INTO run_commands (stream_key, tenant_key, project_key, kind, payload, actor) VALUES ";

        await RunAsync(connection, ask + "(1, 1, 1, 'cancel', '', 'ana')");
        Assert.Equal("42501", await StateOfAsync(connection, ask + "(2, 1, 1, 'cancel', '', 'ana')"));
    }

    [Fact]
    public async Task Auth_Tables_AreOutOfReach()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        foreach (var table in await Catalog.TenantTablesAsync(connection))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await RunAsync(connection, "SET LOCAL ROLE aegis_auth");
            Assert.Equal("42501", await StateOfAsync(connection, $"SELECT FROM {table}"));
            await transaction.RollbackAsync();
        }
    }

    [Fact]
    public async Task Event_ChangedByTheEngine_OnlyAsAnErasure()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, "SET LOCAL ROLE aegis_engine");
        await RunAsync(connection, "UPDATE events SET payload = NULL, salt = NULL, payload_hash = ''");
        foreach (var column in (string[])["hash", "version", "type", "at", "tenant_key", "stream_key"])
        {
            Assert.Equal("42501", await StateOfAsync(connection, $"UPDATE events SET {column} = {column}"));
        }
        Assert.Equal("42501", await StateOfAsync(connection, "DELETE FROM events"));
        Assert.Equal("42501", await StateOfAsync(connection, "TRUNCATE events"));
    }

    private static async Task AttackAsync(NpgsqlConnection connection, string table)
    {
        var rows = new RowFactory(connection, table);
        await rows.LoadAsync();
        // without foreign keys, a row needs no parents; policies are not touched by this setting
        await RunAsync(connection, $"SET LOCAL session_replication_role = replica; "
            + $"GRANT ALL ON {table} TO aegis_app, aegis_app_tenant, aegis_engine");
        foreach (var owner in (Owner[])[Own, OtherProject, OtherTenant])
        {
            if (!rows.OfProject && owner == OtherProject)
            {
                continue;
            }
            await rows.Insert(owner).ExecuteNonQueryAsync();
        }
        if (table == "run_commands")
        {
            var streams = new RowFactory(connection, "streams");
            await streams.LoadAsync();
            await streams.Insert(Own).ExecuteNonQueryAsync();
        }
        var projects = rows.OfProject ? 2 : 1;
        await SeesAsync(connection, table, LedgerRole.App, new Owner(0, 0), 0);
        await SeesAsync(connection, table, LedgerRole.App, Own, 1);
        await SeesAsync(connection, table, LedgerRole.AppTenant, Own, projects);
        await SeesAsync(connection, table, LedgerRole.Engine, null, projects + 1);
        await SeesAsync(connection, table, LedgerRole.App, null, 0);
        await SeesAsync(connection, table, LedgerRole.AppTenant, null, 0);

        await WritesAsync(connection, rows, LedgerRole.App, Own, Own, allowed: true);
        await WritesAsync(connection, rows, LedgerRole.App, Own, OtherTenant, allowed: false);
        await WritesAsync(connection, rows, LedgerRole.AppTenant, Own, OtherTenant, allowed: false);
        await WritesAsync(connection, rows, LedgerRole.Engine, null, OtherTenant, allowed: true);
        if (rows.OfProject)
        {
            await WritesAsync(connection, rows, LedgerRole.App, Own, OtherProject, allowed: false);
        }
        var column = rows.Settable.First();
        await ChangesAsync(connection, $"UPDATE {table} SET {column} = {column}", LedgerRole.App, Own, 1);
        await ChangesAsync(connection, $"UPDATE {table} SET {column} = {column}", LedgerRole.Engine, null,
            projects + 1);
        await ChangesAsync(connection, $"DELETE FROM {table}", LedgerRole.App, Own, 1);
        await ChangesAsync(connection, $"DELETE FROM {table}", LedgerRole.AppTenant, Own, projects);
        await ChangesAsync(connection, $"DELETE FROM {table}", LedgerRole.Engine, null, projects + 1);
    }

    private static async Task SeesAsync(NpgsqlConnection connection, string table, LedgerRole role,
        Owner? bound,
        long expected)
    {
        await RunAsync(connection, "SAVEPOINT act");
        await ActAsAsync(connection, role, bound);
        await using var count = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
        var seen = (long)(await count.ExecuteScalarAsync())!;
        await RunAsync(connection, "ROLLBACK TO act");
        Assert.True(seen == expected, $"{table}: {role} bound to {bound} sees {seen} rows, not {expected}");
    }

    private static async Task WritesAsync(NpgsqlConnection connection, RowFactory rows, LedgerRole role,
        Owner? bound,
        Owner written, bool allowed)
    {
        await RunAsync(connection, "SAVEPOINT act");
        await ActAsAsync(connection, role, bound);
        var insert = rows.Insert(written);
        var state = "00000";
        try
        {
            await insert.ExecuteNonQueryAsync();
        }
        catch (PostgresException e)
        {
            state = e.SqlState;
        }
        await RunAsync(connection, "ROLLBACK TO act");
        // a unique violation comes after the policy let the row through
        Assert.True(allowed ? state is "00000" or "23505" : state == "42501",
            $"{insert.CommandText} as {role} bound to {bound}: {state}");
    }

    private static async Task ChangesAsync(NpgsqlConnection connection, string sql, LedgerRole role,
        Owner? bound,
        int expected)
    {
        await RunAsync(connection, "SAVEPOINT act");
        await ActAsAsync(connection, role, bound);
        var changed = await RunAsync(connection, sql);
        await RunAsync(connection, "ROLLBACK TO act");
        Assert.True(changed == expected, $"{sql} as {role} bound to {bound}: {changed} rows, not {expected}");
    }

    private static async Task ActAsAsync(NpgsqlConnection connection, LedgerRole role, Owner? bound)
    {
        await RunAsync(connection, bound is null
            ? "SELECT set_config('app.tenant_key', '', true), set_config('app.project_key', '', true)"
            : $"SELECT set_config('app.tenant_key', '{bound.Tenant}', true), "
                + $"set_config('app.project_key', '{bound.Project}', true)");
        await RunAsync(connection, $"SET LOCAL ROLE {RoleName.Of(role)}");
    }

    private static async Task<string> StateOfAsync(NpgsqlConnection connection, string sql)
    {
        await RunAsync(connection, "SAVEPOINT attempt");
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(connection, sql));
        await RunAsync(connection, "ROLLBACK TO attempt");
        return error.SqlState;
    }

    private static async Task<int> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
