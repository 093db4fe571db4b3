using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Aegis.Ledger;

/// <summary>Makes roles and schema with the administrator's connection; at later starts it only looks. Roles
/// of an external server get passwords derived from the administrator's, so that every node that knows
/// AEGIS_POSTGRES logs in as them without another secret to hand around.</summary>
internal static class DatabaseSetup
{
    private const int OldestMajor = 15;
    private const int ScramIterations = 4096;

    public static async Task EnsureDatabaseAsync(string adminOfPostgres, CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(adminOfPostgres);
        await using var exists = source.CreateCommand(Sql.Get("setup.database_exists"));
        if (!(bool)(await exists.ExecuteScalarAsync(cancel))!)
        {
            await using var create = source.CreateCommand(Sql.Get("setup.create_database"));
            await create.ExecuteNonQueryAsync(cancel);
        }
    }

    public static async Task RunAsync(NpgsqlConnectionStringBuilder admin, CancellationToken cancel)
    {
        var once = new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(once.ConnectionString);
        await OpenAsync(connection, cancel);
        if (await ScalarAsync<int>(connection, "setup.server_version", cancel) is < OldestMajor and var major)
        {
            throw LedgerErrors.OldServer(major);
        }
        try
        {
            await ScriptAsync(connection, "roles", cancel);
            await ScriptAsync(connection, "schema", cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw LedgerErrors.NotAllowed(e.MessageText);
        }
        if (await ScalarAsync<string?>(connection, "setup.too_strong_roles", cancel) is { } strong)
        {
            throw LedgerErrors.RoleTooStrong(strong);
        }
        if (admin.Password is { Length: > 0 } password)
        {
            await EnsurePasswordsAsync(connection, admin, password, cancel);
        }
    }

    /// <summary>A role's password on an external server, or null where the administrator needs none
    /// either.</summary>
    public static string? PasswordOf(LedgerRole role, string? adminPassword) =>
        string.IsNullOrEmpty(adminPassword)
            ? null
            : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(adminPassword),
                Encoding.UTF8.GetBytes($"aegis-role-1\n{RoleName.Of(role)}")));

    private static async Task EnsurePasswordsAsync(NpgsqlConnection connection,
        NpgsqlConnectionStringBuilder admin, string password, CancellationToken cancel)
    {
        foreach (var role in Enum.GetValues<LedgerRole>())
        {
            var own = PasswordOf(role, password)!;
            if (await LogsInAsync(admin, role, own, cancel))
            {
                continue;
            }
            await using var hold = new NpgsqlCommand(Sql.Get("setup.hold_password"), connection)
            {
                Parameters = { new() { Value = RoleName.Of(role) }, new() { Value = ScramVerifier(own) } },
            };
            await hold.ExecuteNonQueryAsync(cancel);
            await using var set = new NpgsqlCommand(Sql.Get("setup.set_password"), connection);
            await set.ExecuteNonQueryAsync(cancel);
        }
    }

    private static async Task<bool> LogsInAsync(NpgsqlConnectionStringBuilder admin, LedgerRole role,
        string password,
        CancellationToken cancel)
    {
        var builder = new NpgsqlConnectionStringBuilder(admin.ConnectionString)
        {
            Username = RoleName.Of(role),
            Password = password,
            Pooling = false,
        };
        try
        {
            await using var connection = new NpgsqlConnection(builder.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return false;
        }
    }

    // RFC 5803: the verifier instead of the password, so that no clear text can reach the server's log
    private static string ScramVerifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, ScramIterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${ScramIterations}:{Convert.ToBase64String(salt)}$"
            + $"{Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }

    private static async Task OpenAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            await connection.OpenAsync(cancel);
        }
        catch (NpgsqlException e)
        {
            throw LedgerErrors.CannotConnect(e is PostgresException p ? p.MessageText : e.Message);
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string query,
        CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql.Get(query), connection);
        var value = await command.ExecuteScalarAsync(cancel);
        return value is DBNull ? default! : (T)value!;
    }

    private static async Task ScriptAsync(NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly()
            .GetManifestResourceStream($"Aegis.Ledger.Setup.{name}.sql")!);
        await using var command = new NpgsqlCommand(await reader.ReadToEndAsync(cancel), connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
