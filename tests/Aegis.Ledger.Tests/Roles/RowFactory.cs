using System.Security.Cryptography;
using Npgsql;

namespace Aegis.Ledger.Tests.Roles;

/// <summary>A tenancy of the isolation tests; its stream is what rows that point to a stream point
/// to.</summary>
internal sealed record Owner(int Tenant, int Project)
{
    public long Stream => (Tenant * 100) + Project;
}

/// <summary>Makes a row for any table from its columns' types alone. Checks of the content would need to know
/// the table, so <see cref="LoadAsync"/> drops them for the transaction; what a policy sees stays.</summary>
internal sealed class RowFactory(NpgsqlConnection connection, string table)
{
    private List<(string Name, string Type, bool Identity)> _columns = [];
    private int _made;

    /// <summary>Whether rows are a project's; else they are the whole tenant's.</summary>
    public bool OfProject => _columns.Any(c => c.Name == "project_key");

    public IEnumerable<string> Settable => _columns.Where(c => !c.Identity).Select(c => c.Name);

    public async Task LoadAsync()
    {
        await using (var drop = new NpgsqlCommand("""
            DO $$ DECLARE c record; BEGIN
              FOR c IN SELECT conname, conrelid::regclass AS t FROM pg_constraint
                WHERE contype = 'c' AND connamespace = 'aegis'::regnamespace LOOP
                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
              END LOOP;
            END $$
            """, connection))
        {
            await drop.ExecuteNonQueryAsync();
        }
        await using var command = new NpgsqlCommand("""
            SELECT attname::text, format_type(atttypid, NULL), attidentity <> '' FROM pg_attribute
             WHERE attrelid = ('aegis.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """, connection) { Parameters = { new() { Value = table } } };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _columns.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        }
    }

    /// <summary>The INSERT of a fresh row of this owner.</summary>
    public NpgsqlCommand Insert(Owner owner)
    {
        var n = ++_made;
        var columns = _columns.Where(c => !c.Identity || c.Name is "tenant_key" or "project_key").ToList();
        var values = columns.Select(c => Value(c.Name, c.Type, owner, n));
        return new NpgsqlCommand($"INSERT INTO {table} ({string.Join(", ", columns.Select(c => c.Name))}) "
            + $"OVERRIDING SYSTEM VALUE VALUES ({string.Join(", ", values)})", connection);
    }

    private string Value(string name, string type, Owner owner, int n) => (name, type) switch
    {
        ("tenant_key", _) => $"{owner.Tenant}",
        ("project_key", _) => $"{owner.Project}",
        ("stream_key", _) => table == "streams" && n > 3 ? $"{90_000 + n}" : $"{owner.Stream}",
        (_, "text" or "character varying") => $"'t{n}'",
        (_, "bytea") => $"'\\x{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}'",
        (_, "text[]") => "'{}'",
        (_, "jsonb" or "json") => "'{}'",
        (_, "timestamp with time zone") => "now()",
        (_, "date") => "current_date",
        (_, "boolean") => "true",
        (_, "double precision") => "0.5",
        (_, "xid8") => "pg_current_xact_id()",
        (_, "integer" or "bigint" or "smallint" or "numeric") => $"{n}",
        _ => throw new NotSupportedException($"no value for {table}.{name} of type {type}"),
    };
}
