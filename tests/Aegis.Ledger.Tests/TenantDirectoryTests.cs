using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests;

public sealed class TenantDirectoryTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task FindKey_KeyOfProject_IsWhoItWasMadeFor()
    {
        var keys = await ledger.CreateProjectAsync(new Tenancy("find", "web"));
        var made = await ledger.Tenants.CreateKeyAsync("find", "web", "ci", ["run:write", "run:read"], None);

        var found = await ledger.Tenants.FindKeyAsync(ApiKey.Hash(made.Secret), None);

        Assert.Equal(("find", keys.Tenant, "web", keys.Project, made.KeyId),
            (found!.Tenant, found.TenantKey, found.Project, found.ProjectKey!.Value, found.KeyId));
        Assert.Equal(["run:write", "run:read"], found.Scopes.ToArray());
    }

    [Fact]
    public async Task FindKey_KeyOfTenant_HasNoProject()
    {
        await ledger.CreateProjectAsync(new Tenancy("wide", "web"));
        var made = await ledger.Tenants.CreateKeyAsync("wide", null, "admin", ["*"], None);

        var found = await ledger.Tenants.FindKeyAsync(ApiKey.Hash(made.Secret), None);

        Assert.Null(found!.Project);
        Assert.Null(found.ProjectKey);
    }

    [Fact]
    public async Task Tiers_OfTenantAndKey_AreWhatTheyWereGiven_AndNobodyElses()
    {
        await ledger.CreateProjectAsync(new Tenancy("tiers", "web"));
        await ledger.CreateProjectAsync(new Tenancy("others", "web"));
        var made = await ledger.Tenants.CreateKeyAsync("tiers", "web", "ci", ["*"], None);
        Assert.Equal((null, null), await ledger.Tenants.TiersAsync("tiers", made.KeyId, None));

        Assert.True(await ledger.Tenants.SetTenantTierAsync("tiers", "pro", None));
        Assert.True(await ledger.Tenants.SetKeyTierAsync("tiers", made.KeyId, "gratis", None));
        Assert.False(await ledger.Tenants.SetKeyTierAsync("others", made.KeyId, "pro", None));
        Assert.False(await ledger.Tenants.SetTenantTierAsync("nobody", "pro", None));

        Assert.Equal(("pro", "gratis"), await ledger.Tenants.TiersAsync("tiers", made.KeyId, None));
        // a device's key is held to what the key that paired it is held to
        var device = await ledger.Tenants.CreateDeviceKeyAsync(
            new Tenancy("tiers", "web"), "phone", ["runs:read"], made.KeyId, None);
        Assert.Equal(("pro", "gratis"), await ledger.Tenants.TiersAsync("tiers", device!.KeyId, None));
        Assert.Equal(("pro", null), await ledger.Tenants.TiersAsync("tiers", null, None));
        Assert.Equal((null, null), await ledger.Tenants.TiersAsync("others", made.KeyId, None));
        Assert.True(await ledger.Tenants.SetTenantTierAsync("tiers", null, None));
        Assert.Equal((null, "gratis"), await ledger.Tenants.TiersAsync("tiers", made.KeyId, None));
        await Assert.ThrowsAsync<AegisException>(
            () => ledger.Tenants.SetTenantTierAsync("tiers", "a b", None));
    }

    [Fact]
    public async Task RevokeKey_OfOwnTenantOnly_EndsTheKeyAtOnce()
    {
        await ledger.CreateProjectAsync(new Tenancy("revoke", "web"));
        await ledger.CreateProjectAsync(new Tenancy("stranger", "web"));
        var made = await ledger.Tenants.CreateKeyAsync("revoke", "web", "ci", ["*"], None);

        Assert.False(await ledger.Tenants.RevokeKeyAsync("stranger", made.KeyId, None));
        Assert.NotNull(await ledger.Tenants.FindKeyAsync(ApiKey.Hash(made.Secret), None));
        Assert.True(await ledger.Tenants.RevokeKeyAsync("revoke", made.KeyId, None));
        Assert.Null(await ledger.Tenants.FindKeyAsync(ApiKey.Hash(made.Secret), None));
        Assert.False(await ledger.Tenants.RevokeKeyAsync("revoke", made.KeyId, None));
        var listed = Assert.Single(await ledger.Tenants.ListKeysAsync("revoke", None));
        Assert.Equal((made.KeyId, "ci", "web"), (listed.KeyId, listed.Name, listed.Project));
        Assert.NotNull(listed.RevokedAt);
        Assert.Empty(await ledger.Tenants.ListKeysAsync("stranger", None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public async Task CreateTenant_MalformedId_IsRefused(string id) =>
        Assert.Equal("AEGIS4020", await CodeOfAsync(() => ledger.Tenants.CreateTenantAsync(id, None)));

    [Fact]
    public async Task CreateTenant_IdOf64And65Characters_OnlyTheFirstIsTaken()
    {
        await ledger.Tenants.CreateTenantAsync(new string('a', 64), None);
        Assert.Equal("AEGIS4020",
            await CodeOfAsync(() => ledger.Tenants.CreateTenantAsync(new string('a', 65), None)));
    }

    [Fact]
    public async Task Create_WhatExistsOrHasNoParent_IsRefusedByName()
    {
        await ledger.CreateProjectAsync(new Tenancy("twice", "web"));
        Assert.Equal("AEGIS4021", await CodeOfAsync(() => ledger.Tenants.CreateTenantAsync("twice", None)));
        Assert.Equal("AEGIS4021",
            await CodeOfAsync(() => ledger.Tenants.CreateProjectAsync(new Tenancy("twice", "web"), None)));
        Assert.Equal("AEGIS4022",
            await CodeOfAsync(() => ledger.Tenants.CreateProjectAsync(new Tenancy("nobody", "web"), None)));
        Assert.Equal("AEGIS4022",
            await CodeOfAsync(() => ledger.Tenants.CreateKeyAsync("twice", "none", "k", [], None)));
    }

    [Fact]
    public async Task CreateKey_BoundsOfNameAndScopes_HoldAtTheEdgeAndFailOnePast()
    {
        await ledger.CreateProjectAsync(new Tenancy("bounds", "web"));
        var scopes = Enumerable.Range(0, TenantDirectory.ScopesMax).Select(i => $"s{i}").ToImmutableArray();
        var name = new string('n', TenantDirectory.KeyNameLengthMax);
        await ledger.Tenants.CreateKeyAsync("bounds", "web", name, scopes, None);
        Assert.Equal("AEGIS4023",
            await CodeOfAsync(() => ledger.Tenants.CreateKeyAsync("bounds", "web", name + "n", scopes,
                None)));
        Assert.Equal("AEGIS4023",
            await CodeOfAsync(() => ledger.Tenants.CreateKeyAsync("bounds", "web", name, scopes.Add("x"),
                None)));
    }

    [Fact]
    public async Task Profile_TwoVersions_BothCanBeRead()
    {
        var keys = await ledger.CreateProjectAsync(new Tenancy("profile", "web"));
        var store = new ProfileStore(ledger.Database);
        var files = ImmutableSortedDictionary<string, string>.Empty.Add("rehearsal.yaml", "turns: []");

        Assert.Null(await store.NewestAsync(keys, None));
        Assert.Equal(1, await store.AddAsync(keys, "a: 1", files, "ana", None));
        Assert.Equal(2, await store.AddAsync(keys, "a: 2", files.Clear(), "ana", None));

        var newest = await store.NewestAsync(keys, None);
        var first = await store.OfVersionAsync(keys, 1, None);
        Assert.Equal((2, "a: 2", 0), (newest!.Version, newest.Yaml, newest.Files.Count));
        Assert.Equal((1, "a: 1", "ana", "turns: []"),
            (first!.Version, first.Yaml, first.CreatedBy, first.Files["rehearsal.yaml"]));
    }

    [Fact]
    public async Task Profile_PastTheBound_IsRefused()
    {
        var keys = await ledger.CreateProjectAsync(new Tenancy("large", "web"));
        var store = new ProfileStore(ledger.Database);
        var none = ImmutableSortedDictionary<string, string>.Empty;
        var edge = new string('x', ProfileStore.BytesMax - "{}".Length);
        Assert.Equal(1, await store.AddAsync(keys, edge, none, "ana", None));
        Assert.Equal("AEGIS4024", await CodeOfAsync(() => store.AddAsync(keys, edge + "x", none, "ana",
            None)));
    }

    [Fact]
    public async Task Profile_AddedAtOnceByMany_NumbersHaveNoGap()
    {
        var keys = await ledger.CreateProjectAsync(new Tenancy("race", "web"));
        var store = new ProfileStore(ledger.Database);
        var none = ImmutableSortedDictionary<string, string>.Empty;
        var made = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(i => store.AddAsync(keys, $"n: {i}", none, "ana", None)));
        Assert.Equal([1, 2, 3, 4], made.Order());
    }

    private static async Task<string> CodeOfAsync(Func<Task> act) =>
        (await Assert.ThrowsAsync<AegisException>(act)).Error.Code;
}
