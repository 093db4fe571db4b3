using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Roles;

/// <summary>docs/roles.md is what pg_catalog says, no more and no less.</summary>
public sealed class RolesDocumentTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Catalog.Root(), "docs",
        "roles.md"));

    [Fact]
    public async Task TablesAndVerbs_AsDocumented()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        var grants = await Catalog.GrantsAsync(connection);
        var tables = await Catalog.ColumnAsync(connection, """
            SELECT relname FROM pg_class WHERE relnamespace = 'aegis'::regnamespace AND relkind IN ('r', 'p',
              'S', 'v')
              AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid
                AND d.deptype = 'i'))
             ORDER BY 1
            """);
        var rows = Catalog.MarkdownTable(Document, "Tables and verbs");
        var roles = rows[0][1..];
        var actual = tables.Select(t => string.Join(" | ", roles.Select(r => grants.GetValueOrDefault((t, r),
            ""))
            .Prepend(t)));

        Assert.Equal(actual.Order(StringComparer.Ordinal),
            rows.Skip(1).Select(r => string.Join(" | ", r)).Order(StringComparer.Ordinal));
        Assert.Subset(roles.ToHashSet(), grants.Keys.Select(k => k.Role).ToHashSet());
    }

    [Fact]
    public async Task Functions_AsDocumented()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        var documented = Catalog.MarkdownTable(Document, "Functions").Skip(1).Select(r => string.Join('|',
            r));

        Assert.Equal(await Catalog.FunctionsAsync(connection), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task TablesWithoutTenant_AreTheNamedList()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();
        var documented = Catalog.MarkdownTable(Document, "Tables without a tenant").Skip(1).Select(r => r[0]);

        Assert.Equal(await Catalog.OtherTablesAsync(connection), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Roles_HaveNoPowerPastTheirGrants()
    {
        await using var connection = await ledger.Super.OpenConnectionAsync();

        Assert.Empty(await Catalog.ColumnAsync(connection, """
            SELECT rolname FROM pg_roles WHERE rolname LIKE 'aegis\_%' AND rolname <> 'aegis_super'
               AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit)
            """));
        Assert.Equal(["aegis_definer"], await Catalog.ColumnAsync(connection,
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'aegis\\_%' AND NOT rolcanlogin"));
        Assert.Equal(["aegis_owner in aegis_definer"], await Catalog.ColumnAsync(connection, """
            SELECT member::regrole || ' in ' || roleid::regrole FROM pg_auth_members
             WHERE member::regrole::text LIKE 'aegis\_%' AND member::regrole::text <> 'aegis_super'
            """));
        Assert.Empty(await Catalog.ColumnAsync(connection, """
            SELECT r.rolname FROM pg_roles r WHERE r.rolname LIKE 'aegis\_%' AND r.rolname NOT IN
              ('aegis_super', 'aegis_owner')
               AND has_schema_privilege(r.oid, 'aegis', 'CREATE')
            """));
    }
}
