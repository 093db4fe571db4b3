using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Ledger.Embedded;
using Aegis.Ledger.Migrations;
using Npgsql;

namespace Aegis.Ledger;

/// <summary>The ledger's database, open: embedded or external, migrated, with a pool of connections per
/// role.</summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    private const string EmbeddedName = "aegis";
    private readonly HomeLock _lock;
    private readonly EmbeddedPostgres? _embedded;
    private readonly FrozenDictionary<LedgerRole, NpgsqlDataSource> _sources;
    private readonly TaskCompletionSource _never = new();

    private LedgerDatabase(HomeLock homeLock, EmbeddedPostgres? embedded, NpgsqlConnectionStringBuilder admin,
        string homeId)
    {
        _lock = homeLock;
        _embedded = embedded;
        HomeId = homeId;
        _sources = Enum.GetValues<LedgerRole>().ToFrozenDictionary(r => r,
            r => NpgsqlDataSource.Create(LedgerConnection.For(admin, r)));
    }

    /// <summary>Stable and random, kept in the home: tells this server's nodes from those of other
    /// homes.</summary>
    public string HomeId { get; }

    /// <summary>True where this process owns the PostgreSQL server.</summary>
    public bool IsEmbedded => _embedded is not null;

    /// <summary>Completes when the embedded postmaster ended unasked; <see cref="RestartAsync"/> renews it.
    /// Never completes for an external server.</summary>
    public Task Lost => _embedded?.Lost ?? _never.Task;

    /// <summary>Where the embedded server's socket is; null for an external server.</summary>
    public string? SocketDirectory => _embedded?.SocketDirectory;

    public static async Task<LedgerDatabase> OpenAsync(LedgerOptions options, TimeProvider time,
        CancellationToken cancel)
    {
        Directory.CreateDirectory(options.HomeDirectory, DurableFile.OwnerOnlyDirectory);
        var homeLock = HomeLock.Take(options.HomeDirectory);
        EmbeddedPostgres? embedded = null;
        LedgerDatabase? database = null;
        try
        {
            embedded = options.ExternalUrl is null
                ? await EmbeddedPostgres.StartAsync(options, time, cancel)
                : null;
            var admin = await AdministratorAsync(options, embedded, cancel);
            await DatabaseSetup.RunAsync(admin, cancel);
            database = new LedgerDatabase(homeLock, embedded, admin, ReadHomeId(options.HomeDirectory));
            await MigrationRunner.RunAsync(database.Source(LedgerRole.Owner), MigrationRunner.All, cancel);
            return database;
        }
        catch (Exception e)
        {
            await (database?.DisposeAsync() ?? embedded?.DisposeAsync() ?? ValueTask.CompletedTask);
            homeLock.Dispose();
            if (IsDiskFull(e))
            {
                throw LedgerErrors.DiskFull(e is PostgresException p ? p.MessageText
                    : "the home cannot be written");
            }
            throw;
        }
    }

    public string ConnectionString(LedgerRole role) => _sources[role].ConnectionString;

    public NpgsqlDataSource Source(LedgerRole role) => _sources[role];

    /// <summary>A transaction as role App in which row level security shows this project alone.</summary>
    public Task<ProjectSession> OpenProjectAsync(int tenantKey, int projectKey, CancellationToken cancel) =>
        ProjectSession.OpenAsync(Source(LedgerRole.App), tenantKey, projectKey, cancel);

    /// <summary>A transaction as role AppTenant in which row level security shows this tenant
    /// alone.</summary>
    public Task<ProjectSession> OpenTenantAsync(int tenantKey, CancellationToken cancel) =>
        ProjectSession.OpenAsync(Source(LedgerRole.AppTenant), tenantKey, null, cancel);

    /// <summary>Starts the embedded server again after <see cref="Lost"/>; the pools forget their dead
    /// connections. Unlogged tables are empty afterwards.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        if (_embedded is not { } embedded)
        {
            throw new InvalidOperationException("an external server is not ours to restart");
        }
        foreach (var source in _sources.Values)
        {
            source.Clear();
        }
        await embedded.RestartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
        {
            await source.DisposeAsync();
        }
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
        _lock.Dispose();
    }

    private static bool IsDiskFull(Exception e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.DiskFull }
        || (e is IOException && e.Message.Contains("No space left on device"));

    private static async Task<NpgsqlConnectionStringBuilder> AdministratorAsync(LedgerOptions options,
        EmbeddedPostgres? embedded, CancellationToken cancel)
    {
        if (embedded is null)
        {
            return PostgresUrl.Parse(options.ExternalUrl!);
        }
        var postgres = embedded.Connection("postgres");
        postgres.Pooling = false;
        await DatabaseSetup.EnsureDatabaseAsync(postgres.ConnectionString, cancel);
        return embedded.Connection(EmbeddedName);
    }

    private static string ReadHomeId(string home)
    {
        var file = Path.Combine(home, "home.id");
        if (!File.Exists(file))
        {
            var id = "home_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            DurableFile.Write(file, Encoding.ASCII.GetBytes(id));
        }
        return File.ReadAllText(file);
    }
}
