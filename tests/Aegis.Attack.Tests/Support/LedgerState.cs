using Npgsql;

namespace Aegis.Attack.Tests.Support;

/// <summary>What all tables hold, as the superuser sees it; pg_catalog says which tables there are.</summary>
internal static class LedgerState
{
    /// <summary>Rows of every table.</summary>
    public static async Task<SortedDictionary<string, long>> CountsAsync(NpgsqlDataSource super)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in await TablesAsync(super, ""))
        {
            counts[table] = await ScalarAsync(super, $"SELECT count(*) FROM aegis.{table}");
        }
        return counts;
    }

    /// <summary>For every table of projects, a sum over all of this project's rows, whole.</summary>
    public static async Task<SortedDictionary<string, long>> SumsAsync(NpgsqlDataSource super,
        int tenantKey, int projectKey)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in await TablesAsync(super, """
            AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'project_key')
            """))
        {
            sums[table] = await ScalarAsync(super, "SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)"
                + $"::numeric % 9007199254740993 + 1000003 * count(*) FROM aegis.{table} t "
                + $"WHERE tenant_key = {tenantKey} AND project_key = {projectKey}");
        }
        return sums;
    }

    /// <summary>Tables whose numbers differ, as words.</summary>
    public static string Difference(SortedDictionary<string, long> before,
        SortedDictionary<string, long> after) => string.Join(", ", before.Keys.Union(after.Keys)
            .Where(t => before.GetValueOrDefault(t) != after.GetValueOrDefault(t))
            .Select(t => $"{t}: {before.GetValueOrDefault(t)} → {after.GetValueOrDefault(t)}"));

    private static async Task<List<string>> TablesAsync(NpgsqlDataSource super, string and)
    {
        await using var command = super.CreateCommand($"""
            SELECT c.relname::text FROM pg_class c
             WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p') {and} ORDER BY 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }
        return found;
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource super, string sql)
    {
        await using var command = super.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(),
            System.Globalization.CultureInfo.InvariantCulture);
    }
}
