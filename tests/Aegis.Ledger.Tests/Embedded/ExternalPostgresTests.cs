using Aegis.Core.Errors;
using Aegis.Ledger.Embedded;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>A server of somebody else's: passwords, an administrator who is no superuser, and what is
/// refused.</summary>
public sealed class ExternalPostgresTests : IAsyncLifetime
{
    private string _home = "";
    private EmbeddedPostgres _server = null!;

    public async Task InitializeAsync()
    {
        _home = await MadeHome.CopyAsync();
        _server = await EmbeddedPostgres.StartAsync(new LedgerOptions { HomeDirectory = _home },
            TimeProvider.System,
            CancellationToken.None);
        await SuperAsync("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'first'");
        await SuperAsync("CREATE DATABASE theirs OWNER boss TEMPLATE template0");
        var rules = Path.Combine(_home, "postgres", "data", "pg_hba.conf");
        await File.WriteAllTextAsync(rules,
            "local all aegis_super peer map=aegis\nlocal all all scram-sha-256\n");
        await SuperAsync("SELECT pg_reload_conf()");
    }

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Fact]
    public async Task Open_AdministratorWithAPassword_RolesLogInWithTheirOwn()
    {
        await using (var ledger = await OpenAsync("first"))
        {
            Assert.False(ledger.IsEmbedded);
            await new TenantDirectory(ledger).CreateTenantAsync("acme", CancellationToken.None);
            await using var who =
                ledger.Source(LedgerRole.App).CreateCommand("SELECT session_user || ' ' || current_user");
            Assert.Equal("aegis_app aegis_app", await who.ExecuteScalarAsync());
            Assert.DoesNotContain("first", ledger.ConnectionString(LedgerRole.App));
        }
        var stranger = PostgresUrl.Parse(Url("first"));
        stranger.Username = "aegis_app";
        await using var connection = new NpgsqlConnection(stranger.ConnectionString);
        Assert.Equal("28P01", (await Assert.ThrowsAsync<PostgresException>(() =>
            connection.OpenAsync())).SqlState);

        // a new password of the administrator: the next start gives the roles new ones
        await SuperAsync("ALTER ROLE boss PASSWORD 'second'");
        await using var again = await OpenAsync("second");
        Assert.Equal("acme",
            Assert.Single(await new TenantDirectory(again).ListTenantsAsync(CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Open_WrongPassword_SaysThatItCannotConnect() =>
        Assert.Equal("AEGIS4008", await CodeAsync("wrong"));

    [Fact]
    public async Task Open_UserWithoutTheRight_IsRefused()
    {
        await SuperAsync("ALTER ROLE boss NOCREATEROLE");
        Assert.Equal("AEGIS4009", await CodeAsync("first"));
    }

    [Theory]
    [InlineData("ALTER ROLE aegis_app BYPASSRLS")]
    [InlineData("ALTER ROLE aegis_engine SUPERUSER")]
    public async Task Open_RoleThatPassesPoliciesBy_IsRefused(string sql)
    {
        await using (await OpenAsync("first"))
        {
        }
        await SuperAsync(sql);
        Assert.Equal("AEGIS4010", await CodeAsync("first"));
    }

    private string Url(string password) =>
        $"host={_server.SocketDirectory} user=boss password='{password}' dbname=theirs";

    private Task<LedgerDatabase> OpenAsync(string password) => LedgerDatabase.OpenAsync(
        new LedgerOptions { HomeDirectory = Path.Combine(_home, "node"), ExternalUrl = Url(password) },
        TimeProvider.System, CancellationToken.None);

    private async Task<string> CodeAsync(string password) =>
        (await Assert.ThrowsAsync<AegisException>(() => OpenAsync(password))).Error.Code;

    private Task SuperAsync(string sql) =>
        TestCluster.ExecuteAsync(_server.Connection("postgres").ConnectionString, sql);
}
