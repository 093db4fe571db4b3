using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Ledger.Migrations;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests;

public sealed class MigrationTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<int> Counts => [.. Enumerable.Range(0, MigrationRunner.All.Length + 1)];

    [Fact]
    public void Numbers_AreUniqueAndAscending() =>
        Assert.Equal(MigrationRunner.All.Select(m => m.Number).Distinct().Order(),
            MigrationRunner.All.Select(m => m.Number));

    [Theory, MemberData(nameof(Counts))]
    public async Task Run_FromEveryEarlierVersion_EndsInTheSameSchema(int count)
    {
        var owner = await PreparedAsync();
        await using var source = owner;
        var earlier = MigrationRunner.All[..count];
        if (count > 0)
        {
            Assert.Equal(earlier.Select(m => m.Number), await MigrationRunner.RunAsync(source, earlier,
                None));
        }

        Assert.Equal(MigrationRunner.All[count..].Select(m => m.Number),
            await MigrationRunner.RunAsync(source, MigrationRunner.All, None));
        Assert.Empty(await MigrationRunner.RunAsync(source, MigrationRunner.All, None));

        var cluster = await TestCluster.StartedAsync();
        await using var reference = NpgsqlDataSource.Create(await cluster.CloneAsync());
        Assert.Equal(await SchemaAsync(reference), await SchemaAsync(source));
    }

    [Fact]
    public async Task Run_FourServersAtOnce_EachMigrationRunsOnce()
    {
        await using var source = await PreparedAsync();
        var applied = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => Task.Run(() => MigrationRunner.RunAsync(source, MigrationRunner.All, None))));
        Assert.Equal(MigrationRunner.All.Select(m => m.Number), applied.SelectMany(a => a).Order());
    }

    [Fact]
    public async Task Run_AppliedMigrationWithAnotherText_IsRefused()
    {
        await using var source = await PreparedAsync();
        await MigrationRunner.RunAsync(source, MigrationRunner.All, None);
        var changed = MigrationRunner.All.SetItem(0, MigrationRunner.All[0] with { Text = "SELECT 1" });
        Assert.Equal("AEGIS4011", await CodeAsync(source, [.. changed.Select(m => new Migration(m.Number,
            m.Name, m.Text))]));
    }

    [Fact]
    public async Task Run_DatabaseIsNewer_IsRefused()
    {
        await using var source = await PreparedAsync();
        var future = new Migration(9999, "future", "SELECT 1");
        await MigrationRunner.RunAsync(source, MigrationRunner.All.Add(future), None);
        Assert.Equal("AEGIS4012", await CodeAsync(source, MigrationRunner.All));
    }

    [Fact]
    public async Task Run_MigrationFailsHalfWay_LeavesNothingOfIt()
    {
        await using var source = await PreparedAsync();
        var broken = new Migration(9999, "broken", "CREATE TABLE half (n int); SELECT 1 / 0");
        await Assert.ThrowsAsync<PostgresException>(
            () => MigrationRunner.RunAsync(source, MigrationRunner.All.Add(broken), None));
        await using var command = source.CreateCommand(
            "SELECT to_regclass('aegis.half') IS NULL "
                + "AND NOT EXISTS (SELECT FROM migrations WHERE number = 9999)");
        Assert.True((bool)(await command.ExecuteScalarAsync())!);
        Assert.Empty(await MigrationRunner.RunAsync(source, MigrationRunner.All, None));
    }

    [Fact]
    public async Task EveryNamedQuery_IsUnderstoodByTheMigratedSchema()
    {
        var cluster = await TestCluster.StartedAsync();
        await using var source = NpgsqlDataSource.Create(await cluster.CloneAsync());
        await using var connection = await source.OpenConnectionAsync();
        Assert.NotEmpty(Sql.Names);
        foreach (var name in Sql.Names)
        {
            await using var command = new NpgsqlCommand(Sql.Get(name), connection);
            try
            {
                await using var reader =
                    await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly);
            }
            catch (PostgresException e) when (e.SqlState is "42P18" or "08P01" or "42P02")
            {
                // parameters are typed by the caller; the parser got past names and columns
            }
            catch (PostgresException e)
            {
                Assert.Fail($"{name}: {e.MessageText}");
            }
        }
    }

    [Fact]
    public async Task Run_OverSecretsOfAnEarlierVersion_KeepsEachWithItsValue()
    {
        await using var source = await PreparedAsync();
        await MigrationRunner.RunAsync(source, [.. MigrationRunner.All.Where(m => m.Number < 52)], None);
        // as the owner sees nothing under forced policies, neither here nor in the migration
        await using var connection = await source.OpenConnectionAsync();
        foreach (var sql in new[]
        {
            "ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE projects NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE secrets NO FORCE ROW LEVEL SECURITY",
            "INSERT INTO tenants (tenant_id) VALUES ('acme')",
            "INSERT INTO projects (tenant_key, project_id) VALUES (1, 'web')",
            "INSERT INTO secrets (tenant_key, project_key, name, version, sealed, fingerprint, actor) "
                + "SELECT 1, 1, 's' || n, n, sha256(n::text::bytea), '0123abcd', 'a' "
                + "FROM generate_series(1, 3) n",
            "ALTER TABLE secrets FORCE ROW LEVEL SECURITY", "ALTER TABLE tenants FORCE ROW LEVEL SECURITY",
            "ALTER TABLE projects FORCE ROW LEVEL SECURITY",
        })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        await MigrationRunner.RunAsync(source, MigrationRunner.All, None);

        await using var look = new NpgsqlCommand("ALTER TABLE secret_versions NO FORCE ROW LEVEL SECURITY; "
            + "SELECT count(*) FROM secret_versions WHERE key_version IS NULL "
            + "AND name = 's' || version AND sealed = sha256(version::text::bytea)", connection);
        Assert.Equal(3L, await look.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Run_OverMonthsQuotas_KeepsWhatTheyHaveGivenAway()
    {
        await using var source = await PreparedAsync();
        await MigrationRunner.RunAsync(source, [.. MigrationRunner.All.Where(m => m.Number < 68)], None);
        await using var connection = await source.OpenConnectionAsync();
        foreach (var sql in new[]
        {
            "ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE quota_used NO FORCE ROW LEVEL SECURITY",
            "INSERT INTO tenants (tenant_id) VALUES ('acme')",
            "INSERT INTO quota_used VALUES (1, 'tenant acme', 'calls', '2026-11-01', 5), "
                + "(1, 'key:key_1', 'tokens', '2026-11-01', 6), "
                + "(1, 'project web', 'tokens', '2026-10-01', 7)",
            "ALTER TABLE quota_used FORCE ROW LEVEL SECURITY",
            "ALTER TABLE tenants FORCE ROW LEVEL SECURITY",
        })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        await MigrationRunner.RunAsync(source, MigrationRunner.All, None);

        await using var look = new NpgsqlCommand("ALTER TABLE budget_pools NO FORCE ROW LEVEL SECURITY; "
            + "SELECT string_agg(concat_ws(' ', scope, holder, period, unit, begins, spent::int, "
            + "outstanding::int), ', ' ORDER BY spent) FROM budget_pools", connection);
        Assert.Equal("tenant acme month calls 2026-11-01 5 0, key key:key_1 month tokens 2026-11-01 6 0, "
            + "project web month tokens 2026-10-01 7 0", await look.ExecuteScalarAsync());
    }

    private static async Task<NpgsqlDataSource> PreparedAsync()
    {
        var cluster = await TestCluster.StartedAsync();
        var url = await cluster.EmptyAsync();
        await DatabaseSetup.RunAsync(new NpgsqlConnectionStringBuilder(url), None);
        return NpgsqlDataSource.Create(LedgerConnection.For(new NpgsqlConnectionStringBuilder(url),
            LedgerRole.Owner));
    }

    private static async Task<string> CodeAsync(NpgsqlDataSource source,
        ImmutableArray<Migration> migrations) =>
        (await Assert.ThrowsAsync<AegisException>(() => MigrationRunner.RunAsync(source, migrations,
            None))).Error.Code;

    // everything that a migration can make, as text
    private static async Task<string> SchemaAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("""
            SELECT string_agg(line, E'\n' ORDER BY line) FROM (
              SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull,
                  c.relacl::text || coalesce(a.attacl::text, '')) AS line
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
               WHERE c.relnamespace = 'aegis'::regnamespace
              UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
               WHERE connamespace = 'aegis'::regnamespace
              UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'aegis'
              UNION ALL SELECT format('%s %s %s %s %s', tablename, policyname, roles, qual, with_check) FROM
                pg_policies
               WHERE schemaname = 'aegis'
              UNION ALL SELECT pg_get_functiondef(oid) || proacl::text FROM pg_proc WHERE pronamespace =
                'aegis'::regnamespace
            ) AS everything
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
