using Aegis.Core.Errors;
using Aegis.Ledger.Embedded;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>pg_upgrade for real, from the one installed version to itself.</summary>
public sealed class ClusterUpgradeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Upgrade_Cluster_KeepsTheFactsAndTheOldOne()
    {
        var options = new LedgerOptions { HomeDirectory = await MadeHome.CopyAsync() };
        await using (var before = await OpenAsync(options))
        {
            await new TenantDirectory(before).CreateTenantAsync("kept", None);
        }

        var (from, to) = await ClusterUpgrade.RunAsync(options, evenSameVersion: true, TimeProvider.System,
            None);

        Assert.Equal(from, to);
        Assert.True(Directory.Exists(Path.Combine(options.HomeDirectory, "postgres", $"data-{from}")));
        await using var after = await OpenAsync(options);
        Assert.Equal("kept", Assert.Single(await new TenantDirectory(after).ListTenantsAsync(None)).Id);
    }

    [Fact]
    public async Task Open_UpgradeWasCutOffBetweenItsRenames_TheOldClusterIsBack()
    {
        var options = new LedgerOptions { HomeDirectory = await MadeHome.CopyAsync() };
        var data = Path.Combine(options.HomeDirectory, "postgres", "data");
        await using (var before = await OpenAsync(options))
        {
            await new TenantDirectory(before).CreateTenantAsync("kept", None);
        }
        Directory.Move(data, $"{data}-15");

        await using var after = await OpenAsync(options);

        Assert.Equal("kept", Assert.Single(await new TenantDirectory(after).ListTenantsAsync(None)).Id);
    }

    [Fact]
    public async Task Upgrade_NothingNewerOrNoClusterOrServerRuns_IsRefused()
    {
        var empty = new LedgerOptions { HomeDirectory = TestHome.Make() };
        Assert.Equal("AEGIS4015", await CodeAsync(empty));
        var options = new LedgerOptions { HomeDirectory = await MadeHome.CopyAsync() };
        Assert.Equal("AEGIS4015", await CodeAsync(options));
        await using var running = await OpenAsync(options);
        Assert.Equal("AEGIS4003", await CodeAsync(options));
    }

    private static Task<LedgerDatabase> OpenAsync(LedgerOptions options) =>
        LedgerDatabase.OpenAsync(options, TimeProvider.System, None);

    private static async Task<string> CodeAsync(LedgerOptions options) =>
        (await Assert.ThrowsAsync<AegisException>(
        () => ClusterUpgrade.RunAsync(options, TimeProvider.System, None))).Error.Code;
}
