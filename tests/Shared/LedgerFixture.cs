using Aegis.Core;
using Aegis.Ledger;
using Aegis.Ledger.Embedded;
using Aegis.Ledger.Tenants;
using Npgsql;
using Xunit;

namespace Aegis.Tests.Shared;

/// <summary>
/// A real ledger for a test class: a database of its own, cloned from a migrated template in one PostgreSQL
/// cluster that the whole test process shares. Use as <c>IClassFixture&lt;LedgerFixture&gt;</c>. The cluster
/// ends with the process, however that ends.
/// </summary>
public sealed class LedgerFixture : IAsyncLifetime
{
    private LedgerDatabase? _database;
    private NpgsqlDataSource? _super;

    /// <summary>Open on the clone; roles, policies and grants are the product's.</summary>
    public LedgerDatabase Database => _database!;

    public TenantDirectory Tenants { get; private set; } = null!;

    /// <summary>The superuser of the clone: passes row level security by. For set-up, tampering and
    /// looking.</summary>
    public NpgsqlDataSource Super => _super!;

    /// <summary>A private home directory: blobs, checkpoints, keys.</summary>
    public string Home { get; private set; } = "";

    /// <summary>AEGIS_POSTGRES for another process or another <see cref="LedgerDatabase"/> on the same
    /// clone.</summary>
    public string Url { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var cluster = await TestCluster.StartedAsync();
        Url = await cluster.CloneAsync();
        Home = Path.Combine(cluster.Root, "home-" + Path.GetRandomFileName());
        _super = NpgsqlDataSource.Create(Url);
        _database = await LedgerDatabase.OpenAsync(new LedgerOptions { HomeDirectory = Home,
            ExternalUrl = Url },
            TimeProvider.System, CancellationToken.None);
        Tenants = new TenantDirectory(_database);
    }

    /// <summary>Makes the tenant where it is missing, and the project; returns their keys.</summary>
    public async Task<TenancyKeys> CreateProjectAsync(Tenancy tenancy)
    {
        var tenants = await Tenants.ListTenantsAsync(CancellationToken.None);
        if (!tenants.Any(t => t.Id == tenancy.Tenant))
        {
            await Tenants.CreateTenantAsync(tenancy.Tenant, CancellationToken.None);
        }
        await Tenants.CreateProjectAsync(tenancy, CancellationToken.None);
        return (await Tenants.ResolveAsync(tenancy, CancellationToken.None))!.Value;
    }

    /// <summary>Runs SQL as the superuser and returns the number of rows.</summary>
    public async Task<int> ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = SuperCommand(sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first value that SQL returns as the superuser.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object?[] values)
    {
        await using var command = SuperCommand(sql, values);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first value that is not null which SQL comes to return, within a minute.</summary>
    public async Task<T> UntilAsync<T>(string sql, params object?[] values)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            await using var command = SuperCommand(sql, values);
            if (await command.ExecuteScalarAsync(limit.Token) is T found)
            {
                return found;
            }
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }

    public async Task DisposeAsync()
    {
        if (_super is not null)
        {
            await _super.DisposeAsync();
        }
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private NpgsqlCommand SuperCommand(string sql, object?[] values)
    {
        var command = Super.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        return command;
    }
}

/// <summary>The one cluster of this test process.</summary>
public sealed class TestCluster
{
    private const string Template = "ledger_template";
    private static readonly Lazy<Task<TestCluster>> Shared = new(StartAsync);
    private readonly SemaphoreSlim _cloning = new(1);
    private int _clones;

    private TestCluster(string root, EmbeddedPostgres server)
    {
        Root = root;
        Server = server;
    }

    public string Root { get; }

    public EmbeddedPostgres Server { get; }

    public static Task<TestCluster> StartedAsync() => Shared.Value;

    public string UrlOf(string database) => Server.Connection(database).ConnectionString
        + ";Search Path=aegis";

    /// <summary>A fresh copy of the migrated template; returns how to reach it as the superuser.</summary>
    public async Task<string> CloneAsync()
    {
        // PostgreSQL refuses to copy a database that another session is copying
        await _cloning.WaitAsync();
        try
        {
            var name = $"ledger_{Interlocked.Increment(ref _clones)}";
            await ExecuteAsync(UrlOf("postgres"), $"CREATE DATABASE {name} TEMPLATE {Template}");
            return UrlOf(name);
        }
        finally
        {
            _cloning.Release();
        }
    }

    /// <summary>An empty database without roles' grants or tables.</summary>
    public async Task<string> EmptyAsync()
    {
        var name = $"empty_{Interlocked.Increment(ref _clones)}";
        await ExecuteAsync(UrlOf("postgres"), $"CREATE DATABASE {name} TEMPLATE template0");
        return UrlOf(name);
    }

    public static async Task ExecuteAsync(string url, string sql)
    {
        await using var connection = new NpgsqlConnection(url + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<TestCluster> StartAsync()
    {
        var root = TestHome.Make();
        var server = await EmbeddedPostgres.StartAsync(
            new LedgerOptions { HomeDirectory = Path.Combine(root, "cluster") }, TimeProvider.System,
            CancellationToken.None);
        var cluster = new TestCluster(root, server);
        // no test cuts the power; what must survive a kill does so without waiting for the disk
        var postgres = cluster.UrlOf("postgres");
        await ExecuteAsync(postgres, "ALTER SYSTEM SET fsync = off");
        await ExecuteAsync(postgres, "SELECT pg_reload_conf()");
        await ExecuteAsync(postgres, $"CREATE DATABASE {Template} TEMPLATE template0");
        await using var migrated = await LedgerDatabase.OpenAsync(new LedgerOptions
        {
            HomeDirectory = Path.Combine(root, "template"),
            ExternalUrl = cluster.UrlOf(Template),
        }, TimeProvider.System, CancellationToken.None);
        return cluster;
    }
}

/// <summary>Temporary directories of a test process. A test host is not asked before it ends, so each run
/// removes what earlier ones left: the lock of a living run's directory is held.</summary>
public static class TestHome
{
    private const string Prefix = "aegis-test-";
    private const string NewPrefix = "aegis-new-";
    private static readonly Lazy<(string Root, FileStream Held)> Own = new(() =>
    {
        foreach (var old in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            RemoveIfDead(old);
        }
        // gets the name under which others look for dead ones only when its lock is held
        var made = Directory.CreateTempSubdirectory(NewPrefix).FullName;
        var held = new FileStream(Path.Combine(made, "lock"), FileMode.Create, FileAccess.Write,
            FileShare.None);
        var root = Path.Combine(Path.GetTempPath(), Prefix + Path.GetFileName(made)[NewPrefix.Length..]);
        Directory.Move(made, root);
        return (root, held);
    });

    /// <summary>A fresh, empty, private directory with a short path.</summary>
    public static string Make()
    {
        var path = Path.Combine(Own.Value.Root, Path.GetRandomFileName());
        return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute).FullName;
    }

    private static void RemoveIfDead(string directory)
    {
        try
        {
            using (new FileStream(Path.Combine(directory, "lock"), FileMode.Open, FileAccess.Write,
                FileShare.None))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // alive, or of another user
        }
    }
}
