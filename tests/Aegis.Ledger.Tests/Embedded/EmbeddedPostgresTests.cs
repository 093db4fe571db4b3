using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>Every way in which a server, its PostgreSQL, or both can die, and what the next start makes of
/// it.</summary>
public sealed class EmbeddedPostgresTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Open_EmptyHome_IsDurableAndPrivate()
    {
        var home = TestHome.Make();
        await using var ledger = await OpenAsync(home);

        Assert.Equal("on", await SettingAsync(ledger, "fsync"));
        Assert.Equal("on", await SettingAsync(ledger, "full_page_writes"));
        Assert.Equal("on", await SettingAsync(ledger, "synchronous_commit"));
        Assert.Equal("on", await SettingAsync(ledger, "data_checksums"));
        Assert.Equal("", await SettingAsync(ledger, "listen_addresses"));
        Assert.Equal("off", await SettingAsync(ledger, "jit"));
        Assert.Equal("64", await SettingAsync(ledger, "max_connections"));
        const UnixFileMode others = (UnixFileMode)0b111_111;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(ledger.SocketDirectory!) & others);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(home, "postgres",
            "data")) & others);
    }

    [Fact]
    public async Task Open_AfterGracefulStop_KeepsDataAndHomeIdAndLeavesNoProcess()
    {
        var home = await MadeHome.CopyAsync();
        string id;
        await using (var first = await OpenAsync(home))
        {
            id = first.HomeId;
            await new TenantDirectory(first).CreateTenantAsync("kept", CancellationToken.None);
        }
        Assert.False(File.Exists(Path.Combine(home, "postgres", "data", "postmaster.pid")));

        await using var second = await OpenAsync(home);

        Assert.Equal(id, second.HomeId);
        Assert.Equal("kept", await OnlyTenantAsync(second));
        Assert.DoesNotContain("not properly shut down", ServerLog(home));
    }

    [Fact]
    public async Task Open_OwnerWasKilled_PostmasterEndedAndCommitsAreThere()
    {
        var home = await MadeHome.CopyAsync();
        using var owner = await LedgerOwner.StartReadyAsync(home);
        await CommitTenantAsync(home, "kept");

        await owner.KillAsync();
        await using var ledger = await OpenAsync(home);

        Assert.False(LedgerOwner.IsAlive(owner.Postmaster));
        Assert.Equal("kept", await OnlyTenantAsync(ledger));
    }

    [Fact]
    public async Task Open_OwnerAndHoldingShellWereKilled_OrphanedPostmasterIsEnded()
    {
        var home = await MadeHome.CopyAsync();
        using var owner = await LedgerOwner.StartReadyAsync(home);
        await CommitTenantAsync(home, "kept");

        var group = LedgerOwner.ParentOf(owner.Postmaster);
        foreach (var pid in ChildrenOf(group).Where(p => p != owner.Postmaster).Append(group))
        {
            LedgerOwner.Signal(pid, 9);
        }
        await owner.KillAsync();
        Assert.True(LedgerOwner.IsAlive(owner.Postmaster));
        await using var ledger = await OpenAsync(home);

        Assert.False(LedgerOwner.IsAlive(owner.Postmaster));
        Assert.Equal("kept", await OnlyTenantAsync(ledger));
    }

    [Fact]
    public async Task Open_OwnerAndPostmasterWereKilled_RecoversFromTheLog()
    {
        var home = await MadeHome.CopyAsync();
        using var owner = await LedgerOwner.StartReadyAsync(home);
        await CommitTenantAsync(home, "kept");

        LedgerOwner.Signal(owner.Postmaster, 9);
        await owner.KillAsync();
        await using var ledger = await OpenAsync(home);

        Assert.Equal("kept", await OnlyTenantAsync(ledger));
        Assert.Contains("not properly shut down", ServerLog(home));
    }

    [Fact]
    public async Task Lost_PostmasterWasKilled_CompletesAndRestartServesTheSamePools()
    {
        await using var ledger = await OpenAsync(await MadeHome.CopyAsync());
        var tenants = new TenantDirectory(ledger);
        await tenants.CreateTenantAsync("kept", CancellationToken.None);
        Assert.False(ledger.Lost.IsCompleted);

        LedgerOwner.Signal(PostmasterOf(ledger), 9);
        await ledger.Lost.WaitAsync(Patience);
        // a backend that has not yet seen the death may still answer: only a new connection tells
        await using var late = new NpgsqlConnection(ledger.ConnectionString(LedgerRole.Auth)
            + ";Pooling=false");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => late.OpenAsync());
        await ledger.RestartAsync(CancellationToken.None);

        Assert.Equal("kept", await OnlyTenantAsync(ledger));
        Assert.False(ledger.Lost.IsCompleted);
    }

    [Fact]
    public async Task Lost_GracefulStop_NeverCompletes()
    {
        var ledger = await OpenAsync(await MadeHome.CopyAsync());
        var lost = ledger.Lost;
        await ledger.DisposeAsync();
        Assert.False(lost.IsCompleted);
    }

    [Fact]
    public async Task Open_LockFilesNameALivingStranger_StartsAllTheSame()
    {
        var home = await MadeHome.CopyAsync();
        string socket;
        await using (var first = await OpenAsync(home))
        {
            socket = first.SocketDirectory!;
        }
        var lie =
            $"{LedgerOwner.ParentOf(Environment.ProcessId)}\n"
            + $"{home}/postgres/data\n1\n5432\n{socket}\n\n\nready\n";
        await File.WriteAllTextAsync(Path.Combine(home, "postgres", "data", "postmaster.pid"), lie);
        await File.WriteAllTextAsync(Path.Combine(socket, ".s.PGSQL.5432.lock"), lie);

        await using var ledger = await OpenAsync(home);

        Assert.Equal("on", await SettingAsync(ledger, "fsync"));
    }

    [Fact]
    public async Task Open_SecondServerOnTheHome_IsRefusedAndTheFirstLives()
    {
        var home = await MadeHome.CopyAsync();
        await using var first = await OpenAsync(home);

        using var second = LedgerOwner.Start(home);
        var line = await second.LineAsync();

        Assert.StartsWith("error AEGIS4003", line);
        Assert.Contains($"pid {Environment.ProcessId}", line);
        Assert.Equal("AEGIS4003", (await Assert.ThrowsAsync<AegisException>(() =>
            OpenAsync(home))).Error.Code);
        Assert.Equal("on", await SettingAsync(first, "fsync"));
    }

    private static Task<LedgerDatabase> OpenAsync(string home) => LedgerDatabase.OpenAsync(
        new LedgerOptions { HomeDirectory = home }, TimeProvider.System, CancellationToken.None);

    // through the child's socket, as another process of the same user
    private static async Task CommitTenantAsync(string home, string tenant)
    {
        var url = $"Host={home}/run;Username=aegis_super;Database=aegis;Search Path=aegis";
        await TestCluster.ExecuteAsync(url, $"INSERT INTO tenants (tenant_id) VALUES ('{tenant}')");
    }

    private static async Task<string> OnlyTenantAsync(LedgerDatabase ledger) =>
        Assert.Single(await new TenantDirectory(ledger).ListTenantsAsync(CancellationToken.None)).Id;

    private static int PostmasterOf(LedgerDatabase ledger)
    {
        var data = Path.Combine(Path.GetDirectoryName(ledger.SocketDirectory!)!, "postgres", "data");
        return int.Parse(File.ReadLines(Path.Combine(data, "postmaster.pid")).First());
    }

    private static IEnumerable<int> ChildrenOf(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    private static string ServerLog(string home) => string.Concat(
        Directory.EnumerateFiles(Path.Combine(home, "postgres", "log")).Select(File.ReadAllText));

    private static async Task<string> SettingAsync(LedgerDatabase ledger, string name)
    {
        await using var command = ledger.Source(LedgerRole.App).CreateCommand(
            "SELECT setting FROM pg_settings WHERE name = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
