using Aegis.Attack.Tests.Support;
using Aegis.Ledger;
using Npgsql;

namespace Aegis.Attack.Tests.Tables;

/// <summary>Every table that pg_catalog knows, full of real rows, attacked with SQL of the attacker's own
/// choosing by the roles that doors log in as: what an injection could do. Each act is done once more
/// without row level security, where it must succeed, or it would prove nothing.</summary>
[Collection(WorldGroup.Name)]
public sealed class TableAttackTests(WorldFixture world)
{
    private static readonly LedgerRole[] DoorRoles = [LedgerRole.App, LedgerRole.AppTenant];

    private AttackFixture Server => world.Server;

    private Holding Me => world.Attacker;

    [Fact]
    public async Task Reads_OfForeignRows_FindNone_AndWouldFindThemUnprotected()
    {
        await using var connection = await OpenAsync();
        var tables = await TableCatalog.OfProjectsAsync(connection);
        Assert.True(tables.Count >= 15, $"{tables.Count} tables");
        foreach (var table in tables)
        {
            await using var act = await AttackTransaction.BeginAsync(connection, table, world);
            foreach (var sql in Reads(table, await act.KeyOfVictimAsync()))
            {
                Assert.True(await act.CountAsync(LedgerRole.App, sql, true) == 0,
                    $"{sql} found a foreign row");
                Assert.True(await act.CountAsync(LedgerRole.App, sql, false) > 0,
                    $"{sql} finds nothing unprotected either");
            }
        }
    }

    [Fact]
    public async Task Writes_ToForeignRows_ChangeNone_AndWouldChangeThemUnprotected()
    {
        await using var connection = await OpenAsync();
        foreach (var table in await TableCatalog.OfProjectsAsync(connection))
        {
            await using var act = await AttackTransaction.BeginAsync(connection, table, world);
            var column = table.Columns.First(c => !c.Generated).Name;
            string[] writes =
            [
                $"UPDATE {table.Name} SET {column} = {column} WHERE {act.IsVictims}",
                $"UPDATE {table.Name} SET tenant_key = {Me.Keys.Tenant}, project_key = {Me.Keys.Project} "
                    + $"WHERE {act.IsVictims}",
                $"DELETE FROM {table.Name} WHERE {act.IsVictims}",
                $"DELETE FROM {table.Name} t USING (SELECT ctid AS c FROM {table.Name}) x WHERE t.ctid = x.c "
                    + $"AND {act.IsVictims}",
            ];
            foreach (var sql in writes)
            {
                foreach (var role in DoorRoles)
                {
                    var changed = await act.ChangeAsync(role, sql, true);
                    Assert.True(changed is 0 or AttackTransaction.Denied, $"{sql} as {role}: {changed}");
                }
            }
            foreach (var sql in new[] { writes[0], writes[2] })
            {
                Assert.True(await act.ChangeAsync(LedgerRole.App, sql, false) > 0,
                    $"{sql} unprotected: nothing");
            }
        }
    }

    [Fact]
    public async Task RowsOfOthers_CannotBePlanted()
    {
        await using var connection = await OpenAsync();
        foreach (var table in await TableCatalog.OfProjectsAsync(connection))
        {
            await using var act = await AttackTransaction.BeginAsync(connection, table, world);
            // an own row, copied into the victim's project under every grant that there is
            var columns = string.Join(", ", table.Columns.Where(c => !c.Generated).Select(c => c.Name));
            var copy = string.Join(", ", table.Columns.Where(c => !c.Generated).Select(c => c.Name switch
            {
                "tenant_key" => $"{world.Stranger.Keys.Tenant}",
                "project_key" => $"{world.Stranger.Keys.Project}",
                var name => name,
            }));
            var sql = $"INSERT INTO {table.Name} ({columns}) SELECT {copy} FROM {table.Name} LIMIT 1";
            foreach (var role in DoorRoles)
            {
                Assert.True(await act.ChangeAsync(role, sql, true) == AttackTransaction.Denied,
                    $"{sql} as {role} was not refused");
            }
        }
    }

    [Theory]
    [InlineData("TRUNCATE {0}")]
    [InlineData("ALTER TABLE {0} DISABLE ROW LEVEL SECURITY")]
    [InlineData("ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY")]
    [InlineData("CREATE POLICY mine ON {0} USING (true)")]
    [InlineData("DROP TABLE {0}")]
    [InlineData("CREATE RULE r AS ON SELECT TO {0} DO INSTEAD NOTHING")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON {0} EXECUTE FUNCTION suppress_redundant_updates_trigger()")]
    [InlineData("CREATE INDEX ON {0} ((1))")]
    [InlineData("COPY {0} FROM PROGRAM 'id'")]
    [InlineData("COPY {0} TO '/tmp/x'")]
    [InlineData("CREATE TABLE thief (LIKE {0})")]
    [InlineData("CREATE TEMP TABLE thief (LIKE {0})")]
    [InlineData("CREATE TEMP VIEW thief AS SELECT FROM {0}")]
    public async Task Verbs_OfAnOwner_AreNobodysAtADoor(string verb)
    {
        await using var super = await OpenAsync();
        var tables = await TableCatalog.AllAsync(super);
        foreach (var role in new[] { LedgerRole.App, LedgerRole.AppTenant, LedgerRole.Auth })
        {
            await using var session = await Server.Ledger.Database.Source(role).OpenConnectionAsync();
            foreach (var table in tables)
            {
                var sql = string.Format(System.Globalization.CultureInfo.InvariantCulture, verb, table);
                var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(session, sql));
                Assert.True(error.SqlState is "42501" or "42809",
                    $"{sql} as {role}: {error.SqlState} {error.MessageText}");
            }
        }
    }

    [Fact]
    public async Task Sessions_OfADoor_CannotBecomeAnother()
    {
        foreach (var role in new[] { LedgerRole.App, LedgerRole.AppTenant, LedgerRole.Auth })
        {
            await using var session = await Server.Ledger.Database.Source(role).OpenConnectionAsync();
            foreach (var other in Enum.GetValues<LedgerRole>().Where(r => r != role).Select(RoleName.Of)
                .Append(RoleName.Definer).Append("postgres"))
            {
                foreach (var sql in new[] { $"SET ROLE {other}", $"SET SESSION AUTHORIZATION {other}",
                    $"GRANT {other} TO CURRENT_USER", $"ALTER ROLE {other} PASSWORD 'x'" })
                {
                    var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(session, sql));
                    Assert.True(error.SqlState is "42501" or "22023" or "42704",
                        $"{sql} as {role}: {error.SqlState}");
                }
            }
        }
    }

    /// <summary>Sequences count everyone's rows.</summary>
    [Fact]
    public async Task Sequences_AreOutOfReach()
    {
        await using var super = await OpenAsync();
        foreach (var sequence in await TableCatalog.SequencesAsync(super))
        {
            await using var session = await Server.Ledger.Database.Source(LedgerRole.App)
                .OpenConnectionAsync();
            foreach (var sql in new[] { $"SELECT nextval('{sequence}')", $"SELECT setval('{sequence}', 1)",
                $"SELECT last_value FROM {sequence}" })
            {
                var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(session, sql));
                Assert.True(error.SqlState == "42501", $"{sql}: {error.SqlState}");
            }
        }
    }

    private static IEnumerable<string> Reads(Table table, string key)
    {
        yield return $"SELECT 1 FROM {table.Name} WHERE {{0}}";
        yield return $"SELECT 1 FROM {table.Name} WHERE {{0}} AND {key}";
        yield return $"SELECT t::text FROM {table.Name} t WHERE {{0}} FOR UPDATE";
        yield return $"WITH x AS MATERIALIZED (SELECT * FROM {table.Name}) SELECT 1 FROM x WHERE {{0}}";
        yield return $"SELECT 1 FROM {table.Name} TABLESAMPLE SYSTEM (100) WHERE {{0}}";
        yield return $"SELECT 1 FROM (SELECT *, count(*) OVER () FROM {table.Name}) x WHERE {{0}}";
        yield return $"SELECT 1 FROM (SELECT * FROM {table.Name} UNION ALL SELECT * FROM {table.Name}) x WHERE {{0}}";
        yield return $"SELECT 1 FROM {table.Name} a JOIN LATERAL (SELECT * FROM {table.Name}) x ON true WHERE "
            + "x.tenant_key <> a.tenant_key OR x.project_key <> a.project_key";
    }

    private Task<NpgsqlConnection> OpenAsync() => Server.Ledger.Super.OpenConnectionAsync().AsTask();

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
