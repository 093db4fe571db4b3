using System.Text.RegularExpressions;
using Npgsql;

namespace Aegis.Ledger.Tests.Roles;

/// <summary>What pg_catalog says about tables, roles and policies. Nothing here knows a table by name, so a
/// table of a later migration is judged like the first ones.</summary>
internal static class Catalog
{
    public static Task<List<string>> TenantTablesAsync(NpgsqlConnection connection) => ColumnAsync(connection,
        """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_key'
         ORDER BY 1
        """);

    public static Task<List<string>> OtherTablesAsync(NpgsqlConnection connection) => ColumnAsync(connection,
        """
        SELECT c.relname FROM pg_class c
         WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p') AND NOT EXISTS
           (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_key' AND NOT
             a.attisdropped)
         ORDER BY 1
        """);

    /// <summary>What keeps a tenant's rows from being isolated: a table without forced policies, without one
    /// of the expected ones, with one too many, or a view that sees with its owner's eyes.</summary>
    public static Task<List<string>> HolesAsync(NpgsqlConnection connection) => ColumnAsync(connection, """
        WITH tenant_tables AS (
          SELECT c.oid, c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, EXISTS (SELECT FROM
            pg_attribute p
              WHERE p.attrelid = c.oid AND p.attname = 'project_key' AND NOT p.attisdropped) AS of_project
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_key'
           WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p')),
        policies AS (
          SELECT p.polrelid, (SELECT string_agg(r::regrole::text, ',') FROM unnest(p.polroles) AS r) AS role,
                 p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid) AS qual
            FROM pg_policy p)
        SELECT relname || ': row level security is not forced' FROM tenant_tables WHERE NOT forced
        UNION ALL
        SELECT t.relname || ': no tenant policy for ' || r.role
          FROM tenant_tables t CROSS JOIN (VALUES ('aegis_app'), ('aegis_app_tenant')) AS r(role)
         WHERE NOT EXISTS (SELECT FROM policies p WHERE p.polrelid = t.oid AND p.role = r.role AND p.polcmd =
           '*'
           AND p.qual LIKE '%tenant_key = (NULLIF(current_setting(''app.tenant_key''%'
           AND (r.role = 'aegis_app_tenant' OR NOT t.of_project
             OR p.qual LIKE '%project_key = (NULLIF(current_setting(''app.project_key''%'))
        UNION ALL
        SELECT t.relname || ': more than one policy for ' || p.role FROM tenant_tables t
          JOIN policies p ON p.polrelid = t.oid GROUP BY t.relname, p.role HAVING count(*) > 1
        UNION ALL
        SELECT t.relname || ': a policy for ' || p.role FROM tenant_tables t JOIN policies p ON p.polrelid =
          t.oid
         WHERE p.role NOT IN ('aegis_app', 'aegis_app_tenant', 'aegis_engine', 'aegis_definer')
        UNION ALL
        SELECT c.relname || ': a view that does not see as its caller' FROM pg_class c
         WHERE c.relnamespace = 'aegis'::regnamespace AND (c.relkind = 'm'
           OR c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))
        """);

    /// <summary>Per table or sequence and role, the verbs; columns where a grant is on columns
    /// only.</summary>
    public static async Task<Dictionary<(string Table, string Role),
        string>> GrantsAsync(NpgsqlConnection connection)
    {
        var lines = await ColumnAsync(connection, """
            WITH grants AS (
              SELECT c.relname, a.grantee, lower(a.privilege_type) AS verb, NULL::name AS col, 0 AS n
                FROM pg_class c, aclexplode(c.relacl) a
               WHERE c.relnamespace = 'aegis'::regnamespace AND a.grantee <> c.relowner
              UNION ALL
              SELECT c.relname, a.grantee, lower(a.privilege_type), t.attname, t.attnum
                FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
               WHERE c.relnamespace = 'aegis'::regnamespace),
            verbs AS (
              SELECT relname, grantee, verb || coalesce(' (' || string_agg(col, ', ' ORDER BY n) || ')', '')
                AS verb
                FROM grants GROUP BY relname, grantee, verb)
            SELECT relname || '|' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END || '|'
                || string_agg(verb, ', ' ORDER BY array_position(ARRAY['select', 'insert', 'update', 'delete',
                   'truncate', 'usage'], split_part(verb, ' ', 1)))
              FROM verbs GROUP BY relname, grantee
            """);
        return lines.Select(l => l.Split('|')).ToDictionary(p => (p[0], p[1]), p => p[2]);
    }

    /// <summary>Functions and who may call them.</summary>
    public static Task<List<string>> FunctionsAsync(NpgsqlConnection connection) => ColumnAsync(connection,
        """
        SELECT format('%s|%s|%s|%s', p.proname, p.proowner::regrole, CASE WHEN p.prosecdef THEN 'owner' ELSE
          'caller' END,
          coalesce((SELECT string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
            ', ')
            FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee <>
              p.proowner), ''))
          FROM pg_proc p WHERE p.pronamespace = 'aegis'::regnamespace ORDER BY 1
        """);

    public static async Task<List<string>> ColumnAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }
        return found;
    }

    /// <summary>The repository's root, found from the test's own place.</summary>
    public static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Aegis.slnx")))
        {
            directory = directory.Parent!;
        }
        return directory.FullName;
    }

    /// <summary>The rows of the markdown table that follows a heading, cells trimmed and without
    /// backticks.</summary>
    public static List<string[]> MarkdownTable(string text, string heading) =>
        [.. Regex.Split(text, "^## ", RegexOptions.Multiline).Single(s => s.StartsWith(heading + "\n"))
            .Split('\n').Where(l => l.StartsWith('|')).Where(l => !l.StartsWith("|--")
                && !l.StartsWith("| --"))
            .Select(l => l.Trim('|').Split('|').Select(c => c.Trim().Replace("`", "")).ToArray())];
}
