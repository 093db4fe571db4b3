using Npgsql;

namespace Aegis.Attack.Tests.Tables;

internal sealed record Column(string Name, bool Generated);

internal sealed record Table(string Name, IReadOnlyList<Column> Columns, IReadOnlyList<string> PrimaryKey);

/// <summary>What there is to attack, as pg_catalog has it.</summary>
internal static class TableCatalog
{
    /// <summary>Tables whose rows belong to projects.</summary>
    public static async Task<List<Table>> OfProjectsAsync(NpgsqlConnection connection)
    {
        var found = new List<Table>();
        foreach (var name in await NamesAsync(connection, """
            SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = 'aegis'::regnamespace AND c.relkind IN ('r', 'p')
               AND a.attname = 'project_key' AND c.relname <> 'projects' ORDER BY 1
            """))
        {
            var columns = await NamesAsync(connection, $"""
                SELECT attname || CASE WHEN attidentity <> '' OR attgenerated <> '' THEN '!' ELSE '' END
                  FROM pg_attribute WHERE attrelid = 'aegis.{name}'::regclass AND attnum > 0
                   AND NOT attisdropped ORDER BY attnum
                """);
            found.Add(new Table(name, [.. columns.Select(c => new Column(c.TrimEnd('!'), c.EndsWith('!')))],
                await NamesAsync(connection, $"""
                    SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
                       AND a.attnum = ANY (i.indkey)
                     WHERE i.indrelid = 'aegis.{name}'::regclass AND i.indisprimary
                    """)));
        }
        return found;
    }

    /// <summary>Every table and view of every schema of the product.</summary>
    public static Task<List<string>> AllAsync(NpgsqlConnection connection) => NamesAsync(connection, """
        SELECT format('%I.%I', n.nspname,
            c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm',
             'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         ORDER BY 1
        """);

    public static Task<List<string>> SequencesAsync(NpgsqlConnection connection) => NamesAsync(connection,
        "SELECT 'aegis.' || relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'aegis'::regnamespace");

    public static async Task<List<string>> NamesAsync(NpgsqlConnection connection, string sql)
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
}
