using Aegis.Attack.Tests.Support;
using Aegis.Ledger;
using Npgsql;

namespace Aegis.Attack.Tests.Tables;

/// <summary>What SQL of an attacker's own can do in a door's session besides reading tables: forged settings,
/// what the catalogue tells, what errors tell, and the functions of accounts. docs/roles.md says which of it
/// is by design.</summary>
[Collection(WorldGroup.Name)]
public sealed class SettingAttackTests(WorldFixture world)
{
    /// <summary>The setting is what a door tells PostgreSQL of its caller; it guards against a query that
    /// forgets, not against one that forges. So it opens exactly the project that it names.</summary>
    [Fact]
    public async Task Setting_Forged_OpensTheOneProjectThatItNames_AndNoMore()
    {
        var (mine, theirs) = (world.Attacker.Keys, world.Stranger.Keys);
        await using var session = await SessionAsync(LedgerRole.App);
        foreach (var (tenant, project, sees) in new[]
        {
            ($"{mine.Tenant}", $"{mine.Project}", $"{mine.Project}"),
            ($"{theirs.Tenant}", $"{theirs.Project}", $"{theirs.Project}"),
            ($"{mine.Tenant}", $"{theirs.Project}", ""), ($"{theirs.Tenant}", $"{mine.Project}", ""),
            ("", "", ""), ("0", "0", ""), ("-1", "-1", ""), ("2147483647", "1", ""),
        })
        {
            Assert.Equal(sees, await SeesAsync(session, tenant, project));
        }
        foreach (var nonsense in new[] { "1 OR true", "1)--", "a", "1,2", "99999999999", "1.0", "NULL" })
        {
            Assert.Equal("22", (await StateAsync(session, nonsense))[..2]);
        }
    }

    /// <summary>A connection that goes back to the pool keeps nothing of whom it served.</summary>
    [Fact]
    public async Task Setting_OfOneRequest_IsGoneForTheNext()
    {
        await using (var session = await world.Server.Ledger.Database.OpenProjectAsync(
            world.Stranger.Keys.Tenant, world.Stranger.Keys.Project, default))
        {
            await session.CommitAsync(default);
        }
        for (var i = 0; i < 20; i++)
        {
            await using var next = await world.Server.Ledger.Database.Source(LedgerRole.App)
                .OpenConnectionAsync();
            Assert.Empty(await TableCatalog.NamesAsync(next, "SELECT run_id FROM runs_read"));
        }
    }

    /// <summary>SQL that got into a door's session and commits there leaves nothing to whom the connection
    /// serves next: neither a forged caller, nor a setting that would stop him, nor a lock.</summary>
    [Theory]
    [InlineData(LedgerRole.App)]
    [InlineData(LedgerRole.AppTenant)]
    [InlineData(LedgerRole.Auth)]
    public async Task Settings_ChangedForTheSession_AreGoneForTheNextCaller(LedgerRole role)
    {
        const string Left = """
            SELECT concat_ws(' ', pg_backend_pid(), coalesce(current_setting('app.tenant_key', true), ''),
              current_setting('statement_timeout'), current_setting('search_path'),
              current_setting('default_transaction_read_only'), current_setting('row_security'),
              (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()))
            """;
        // one connection, which each caller gets from the one before
        await using var pool = NpgsqlDataSource.Create(
            world.Server.Ledger.Database.ConnectionString(role) + ";Maximum Pool Size=1");
        string before;
        await using (var attacked = await pool.OpenConnectionAsync())
        {
            before = (await TableCatalog.NamesAsync(attacked, Left)).Single();
            await RunAsync(attacked, $"""
                SET statement_timeout = 1000000; SET search_path = pg_catalog; SET row_security = off;
                SET default_transaction_read_only = on; SELECT pg_advisory_lock(7);
                SELECT set_config('app.tenant_key', '{world.Stranger.Keys.Tenant}', false)
                """);
            var changed = (await TableCatalog.NamesAsync(attacked, Left)).Single();
            Assert.Equal(before.Split(' ')[0], changed.Split(' ')[0]);
            Assert.EndsWith($"{world.Stranger.Keys.Tenant} 1000s pg_catalog on off 1", changed,
                StringComparison.Ordinal);
        }
        await using var next = await pool.OpenConnectionAsync();
        Assert.Equal(before, (await TableCatalog.NamesAsync(next, Left)).Single());
    }

    /// <summary>Switching policies off is an error, not a way round.</summary>
    [Fact]
    public async Task RowSecurity_SwitchedOff_RefusesTheQuery()
    {
        await using var session = await SessionAsync(LedgerRole.App);
        await RunAsync(session, "SET row_security = off");
        foreach (var table in await TableCatalog.OfProjectsAsync(await SuperAsync()))
        {
            Assert.Equal("42501", await RefusalAsync(session, $"SELECT 1 FROM {table.Name}"));
        }
        await RunAsync(session, "RESET row_security");
    }

    /// <summary>The planner's statistics hold values of rows; PostgreSQL hides them where policies
    /// are.</summary>
    [Fact]
    public async Task Statistics_ShowNoValueOfAProtectedTable()
    {
        var super = await SuperAsync();
        await RunAsync(super, "ANALYZE");
        await using var session = await SessionAsync(LedgerRole.App);
        Assert.Empty(await TableCatalog.NamesAsync(session, """
            SELECT tablename::text FROM pg_stats s WHERE schemaname = 'aegis' AND EXISTS (
              SELECT FROM pg_class c WHERE c.relname = s.tablename AND c.relrowsecurity)
            """));
        Assert.NotEmpty(await TableCatalog.NamesAsync(super,
            "SELECT tablename::text FROM pg_stats WHERE schemaname = 'aegis' AND tablename = 'runs_read'"));
        foreach (var name in new[] { "pg_statistic", "pg_authid", "pg_stat_statements", "pg_hba_file_rules" })
        {
            Assert.True(await RefusalAsync(session, $"SELECT * FROM {name} LIMIT 1") is "42501" or "42P01",
                name);
        }
    }

    /// <summary>A condition with a side effect must not be asked of a row that the policy hides.</summary>
    [Fact]
    public async Task Conditions_ThatTell_AreNotAskedOfHiddenRows()
    {
        var super = await SuperAsync();
        foreach (var table in await TableCatalog.OfProjectsAsync(super))
        {
            await using var act = await AttackTransaction.BeginAsync(super, table, world);
            var sql = $"SELECT 1 FROM {table.Name} WHERE 1 / "
                + $"(CASE WHEN tenant_key = {world.Stranger.Keys.Tenant} THEN 0 ELSE 1 END) = 1";
            Assert.True(await act.CountAsync(LedgerRole.App, sql, true) > 0, sql);
            var error = await Assert.ThrowsAsync<PostgresException>(() =>
                act.CountAsync(LedgerRole.App, sql, false));
            Assert.Equal("22012", error.SqlState);
        }
    }

    /// <summary>A unique key, or a foreign one, that leaves the tenant out would tell by its violation that
    /// someone else has the value. Doors may write no such table; where they may, numbers are
    /// drawn.</summary>
    [Fact]
    public async Task Constraints_OfWhatDoorsWrite_BeginWithTheTenant()
    {
        var super = await SuperAsync();
        Assert.Equal(["run_commands: run_commands_pkey", "run_commands: run_commands_stream_key_fkey"],
            await TableCatalog.NamesAsync(super, """
            WITH written AS (SELECT c.oid, c.relname FROM pg_class c
               WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
                 AND (has_any_column_privilege('aegis_app', c.oid, 'INSERT')
                   OR has_any_column_privilege('aegis_app', c.oid, 'UPDATE')))
            SELECT w.relname || ': ' || k.conname FROM written w JOIN pg_constraint k ON k.conrelid = w.oid
             WHERE k.contype IN ('p', 'u', 'f') AND NOT EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = w.oid AND a.attnum = ANY (k.conkey) AND a.attname IN
                 ('tenant_key', 'project_key'))
            UNION ALL
            SELECT w.relname || ': ' || x.relname FROM written w JOIN pg_index i ON i.indrelid = w.oid
              JOIN pg_class x ON x.oid = i.indexrelid
             WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
               AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = w.oid
                 AND a.attnum = ANY (i.indkey) AND a.attname = 'tenant_key')
            ORDER BY 1
            """));
        // command_id is drawn by PostgreSQL; of a stream, foreign and never there must be one answer
        await using var session = await SessionAsync(LedgerRole.App);
        await SetAsync(session, $"{world.Attacker.Keys.Tenant}", $"{world.Attacker.Keys.Project}");
        var foreign = (await TableCatalog.NamesAsync(super,
            "SELECT stream_key::text FROM streams WHERE tenant_key = "
            + $"{world.Stranger.Keys.Tenant} LIMIT 1")).Single();
        var answers = new List<string>();
        foreach (var stream in new[] { foreign, "9223372036854775807" })
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(session,
                "INSERT INTO run_commands (stream_key, tenant_key, project_key, kind, payload, actor) VALUES "
                + $"({stream}, {world.Attacker.Keys.Tenant}, {world.Attacker.Keys.Project}, 'cancel', '', "
                + "'x')"));
            answers.Add($"{error.SqlState} {error.MessageText} {error.Detail}");
        }
        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task Functions_OfAccounts_AreClosedToDoors_AndTakeTextForText()
    {
        var super = await SuperAsync();
        var functions = await TableCatalog.NamesAsync(super, """
            SELECT p.proname || '(' || array_to_string(ARRAY(SELECT 'NULL::' || format_type(t, NULL)
              FROM unnest(p.proargtypes) AS t), ', ') || ')' FROM pg_proc p
             WHERE p.pronamespace = 'aegis'::regnamespace AND p.prosecdef ORDER BY 1
            """);
        Assert.True(functions.Count >= 8, $"{functions.Count} functions");
        foreach (var role in new[] { LedgerRole.App, LedgerRole.AppTenant, LedgerRole.Engine })
        {
            await using var session = await SessionAsync(role);
            foreach (var call in functions)
            {
                Assert.Equal("42501", await RefusalAsync(session, $"SELECT * FROM {call}"));
            }
        }
        // a function that runs as its owner must not look for names where its caller says
        Assert.Empty(await TableCatalog.NamesAsync(super, """
            SELECT proname::text FROM pg_proc WHERE pronamespace = 'aegis'::regnamespace AND prosecdef
               AND NOT coalesce('search_path=aegis, pg_temp' = ANY (proconfig), false)
            """));
        await using var auth = await SessionAsync(LedgerRole.Auth);
        foreach (var forged in new[] { "%", "acme' OR '1'='1", "ACME", "acme ", "", "*", "acm_", "acme/web" })
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM auth_list_keys($1)", auth)
            {
                Parameters = { new() { Value = forged } },
            };
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    private async Task<string> SeesAsync(NpgsqlConnection session, string tenant, string project)
    {
        await SetAsync(session, tenant, project);
        return string.Join(',', await TableCatalog.NamesAsync(session,
            "SELECT DISTINCT project_key::text FROM runs_read"));
    }

    private static async Task<string> StateAsync(NpgsqlConnection session, string setting)
    {
        await SetAsync(session, setting, "1");
        return await RefusalAsync(session, "SELECT 1 FROM runs_read");
    }

    private static Task SetAsync(NpgsqlConnection session, string tenant, string project) => RunAsync(session,
        $"SELECT set_config('app.tenant_key', '{tenant}', false), "
        + $"set_config('app.project_key', '{project}', false)");

    private Task<NpgsqlConnection> SuperAsync() => world.Server.Ledger.Super.OpenConnectionAsync().AsTask();

    // outside the pool: what is set here ends here
    private async Task<NpgsqlConnection> SessionAsync(LedgerRole role)
    {
        var session = new NpgsqlConnection(
            world.Server.Ledger.Database.ConnectionString(role) + ";Pooling=false");
        await session.OpenAsync();
        return session;
    }

    private static async Task<string> RefusalAsync(NpgsqlConnection session, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => RunAsync(session, sql))).SqlState;

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
