using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Policy.Tiers;
using Aegis.Gate;
using Aegis.Gate.Policies;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests.Policies;

public sealed class PolicyShelfTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Policy_IsBelievedForItsLife_AndThenReadAgain()
    {
        var keys = await KeysAsync("life");
        var (by, clock) = (By("life"), new ShelfClock());
        var shelf = Shelf(clock);
        Assert.Null(shelf.Known(by));
        Assert.True((await shelf.OfAsync(by, None)).Profile.ToolsAllowed.IsDefault);
        await StoreAsync(keys, "policies: {tools_allowed: [git]}");
        Assert.True((await shelf.OfAsync(by, None)).Profile.ToolsAllowed.IsDefault);
        clock.Move(PolicyShelf.LifeMax - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(shelf.Known(by));
        clock.Move(TimeSpan.FromMilliseconds(1));
        Assert.Null(shelf.Known(by));
        Assert.Equal(["git"], (await shelf.OfAsync(by, None)).Profile.ToolsAllowed.AsEnumerable());
    }

    [Fact]
    public async Task Forget_OfATenant_IsReadAgainAtOnce_AndOthersStay()
    {
        var (by, other) = (await ByAsync("told"), await ByAsync("untold"));
        var shelf = Shelf(new ShelfClock());
        var before = (await shelf.OfAsync(by, None)).Version;
        await shelf.OfAsync(other, None);
        await ledger.Tenants.SetTenantTierAsync("told", "pro", None);
        shelf.Forget("told");
        Assert.NotNull(shelf.Known(other));
        var now = await shelf.OfAsync(by, None);
        Assert.NotEqual(before, now.Version);
        Assert.Equal(("pro", "tenant told"), (now.Tiers[0].Tier.Name, now.Tiers[0].Holder));
    }

    [Fact]
    public async Task Tier_ThatTheFileDoesNotName_AllowsNothing()
    {
        var by = await ByAsync("gone");
        await ledger.Tenants.SetTenantTierAsync("gone", "gold", None);
        var policy = await Shelf(new ShelfClock()).OfAsync(by, None);
        Assert.Empty(Assert.Single(policy.Tiers).Tier.Commands);
    }

    [Fact]
    public async Task Profile_ThatCannotBeReadAnyMore_AllowsNothing()
    {
        await StoreAsync(await KeysAsync("broken"), "policies: {tools: []}");
        Assert.Equal("AEGIS2501", (await Shelf(new ShelfClock()).OfAsync(By("broken"), None)).Broken!.Code);
    }

    [Fact]
    public async Task TierFile_IsReadAgain_AndAWrongOneChangesNothing()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("aegis-tiers-").FullName, "allowlist.json");
        await File.WriteAllTextAsync(path, """{"a": ["ls"]}""");
        var file = new TierFile(path, NullLogger.Instance);
        Assert.Equal(["a"], file.Current().Tiers.Keys);
        await File.WriteAllTextAsync(path, """{"a": ["ls"], "b": ["cat"]}""");
        Assert.Equal(["a", "b"], file.Current().Tiers.Keys);
        await File.WriteAllTextAsync(path, """{"a": """);
        Assert.Equal(["a", "b"], file.Current().Tiers.Keys);
        var refused = Assert.Throws<AegisException>(() => new TierFile(path, NullLogger.Instance));
        Assert.Equal("AEGIS2512", refused.Error.Code);
        Assert.Throws<AegisException>(() => new TierFile(path + ".none", NullLogger.Instance));
    }

    [Fact]
    public async Task KeptMax_IsTheLimit_AndOneMoreStartsAnew()
    {
        await KeysAsync("many");
        var shelf = Shelf(new ShelfClock());
        Principal One(int i) => new($"key:{i}", new Tenancy("many", "web"), []);
        for (var i = 0; i < PolicyShelf.KeptMax; i++)
        {
            await shelf.OfAsync(One(i), None);
        }
        Assert.NotNull(shelf.Known(One(0)));
        await shelf.OfAsync(One(PolicyShelf.KeptMax), None);
        Assert.Null(shelf.Known(One(0)));
        Assert.NotNull(shelf.Known(One(PolicyShelf.KeptMax)));
    }

    private PolicyShelf Shelf(TimeProvider clock) => new(
        new ProfileStore(ledger.Database), ledger.Tenants, () => TierBook.BuiltIn, clock);

    private Task StoreAsync(TenancyKeys keys, string yaml) => new ProfileStore(ledger.Database).AddAsync(
        keys, yaml, ImmutableSortedDictionary<string, string>.Empty, "key:a", None);

    private Task<TenancyKeys> KeysAsync(string tenant) =>
        ledger.CreateProjectAsync(new Tenancy(tenant, "web"));

    private async Task<Principal> ByAsync(string tenant)
    {
        await KeysAsync(tenant);
        return By(tenant);
    }

    private static Principal By(string tenant) => new("key:a", new Tenancy(tenant, "web"), []);

    private sealed class ShelfClock : TimeProvider
    {
        private long now = 1_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Move(TimeSpan by) => now += by.Ticks;

        public override long GetTimestamp() => now;
    }
}
