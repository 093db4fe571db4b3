using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Aegis.Ledger.Migrations;

/// <summary>One numbered script. The checksum is over its text, so a changed one is noticed.</summary>
public sealed record Migration(int Number, string Name, string Text)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
}

/// <summary>Forward only: each migration runs once, in a transaction of its own, in the order of its number;
/// two servers that start together wait for each other.</summary>
public static class MigrationRunner
{
    private const string Marker = ".Migrations.";

    /// <summary>All migrations of this build, in order.</summary>
    public static ImmutableArray<Migration> All { get; } = Load();

    /// <summary>Applies what is missing and returns the numbers applied now.</summary>
    public static async Task<ImmutableArray<int>> RunAsync(NpgsqlDataSource owner,
        ImmutableArray<Migration> migrations,
        CancellationToken cancel)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await RunAsync(connection, "migrations.lock", cancel);
        try
        {
            await RunAsync(connection, "migrations.make_table", cancel);
            var applied = await AppliedAsync(connection, cancel);
            Check(applied, migrations);
            var done = ImmutableArray.CreateBuilder<int>();
            foreach (var migration in migrations.Where(m => !applied.ContainsKey(m.Number)))
            {
                await ApplyAsync(connection, migration, cancel);
                done.Add(migration.Number);
            }
            return done.ToImmutable();
        }
        finally
        {
            await RunAsync(connection, "migrations.unlock", CancellationToken.None);
        }
    }

    private static void Check(Dictionary<int, string> applied, ImmutableArray<Migration> migrations)
    {
        var newest = migrations.Max(m => m.Number);
        foreach (var (number, checksum) in applied)
        {
            var known = migrations.FirstOrDefault(m => m.Number == number);
            if (known is null && number > newest)
            {
                throw LedgerErrors.DatabaseNewer(number, newest);
            }
            if (known is null || known.Checksum != checksum)
            {
                throw LedgerErrors.MigrationChanged(number);
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration,
        CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var script = new NpgsqlCommand(migration.Text, connection,
            transaction) { CommandTimeout = 0 })
        {
            await script.ExecuteNonQueryAsync(cancel);
        }
        await using (var record = new NpgsqlCommand(Sql.Get("migrations.record"), connection, transaction)
        {
            Parameters =
            {
                new() { Value = migration.Number },
                new() { Value = migration.Name },
                new() { Value = migration.Checksum },
            },
        })
        {
            await record.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    private static async Task<Dictionary<int, string>> AppliedAsync(NpgsqlConnection connection,
        CancellationToken cancel)
    {
        var applied = new Dictionary<int, string>();
        await using var command = new NpgsqlCommand(Sql.Get("migrations.applied"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        }
        return applied;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string query, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get(query), connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static ImmutableArray<Migration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(r => r.Contains(Marker)).Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[(resource.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)..^4];
            return new Migration(int.Parse(name[..4], CultureInfo.InvariantCulture), name[5..],
                reader.ReadToEnd());
        }).OrderBy(m => m.Number)];
    }
}
