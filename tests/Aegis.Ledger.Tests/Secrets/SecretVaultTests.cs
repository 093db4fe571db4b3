using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Secrets;

public sealed class SecretVaultTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Set_ThenFind_IsTheValue_AndEachSetAVersion()
    {
        var (vault, tenancy, keys) = await ProjectAsync("round");
        var first = await vault.SetAsync(tenancy, keys, "token", "välue-1", "key:a", None);
        var second = await vault.SetAsync(tenancy, keys, "token", "välue-2", "key:b", None);
        var again = await vault.SetAsync(tenancy, keys, "copy", "välue-2", "key:b", None);

        Assert.Equal((1, 2), (first.Version, second.Version));
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal(second.Fingerprint, again.Fingerprint);
        Assert.Equal("välue-2", await vault.ValueAsync(tenancy, keys, "token", None));
        Assert.Equal<SecretListing>([again, second], await vault.ListAsync(keys, None));
        Assert.Null(await vault.ValueAsync(tenancy, keys, "TOKEN", None));
    }

    [Fact]
    public async Task Database_HoldsNoValueInTheClear()
    {
        var (vault, tenancy, keys) = await ProjectAsync("sealed");
        const string Value = "needle-in-the-haystack";
        await vault.SetAsync(tenancy, keys, "token", Value, "key:a", None);

        Assert.False(await ledger.ScalarAsync<bool>(
            "SELECT bool_or(position('needle'::bytea in sealed) > 0 OR fingerprint LIKE '%needle%') "
            + "FROM secret_versions"));
        Assert.Equal(Value.Length + 29, await ledger.ScalarAsync<int>(
            "SELECT octet_length(sealed) FROM secret_versions WHERE tenant_key = $1", keys.Tenant));
    }

    [Fact]
    public async Task Find_InAnotherProject_FindsNothing_AndAMovedRowDoesNotOpen()
    {
        var (vault, tenancy, keys) = await ProjectAsync("mine");
        var (_, other, otherKeys) = await ProjectAsync("theirs");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);

        Assert.Null(await vault.ValueAsync(other, otherKeys, "token", None));
        Assert.Empty(await vault.ListAsync(otherKeys, None));
        Assert.False(await vault.DeleteAsync(otherKeys, "token", "key:a", None));

        // their data key is there, and the row is put where only the place is wrong
        await vault.SetAsync(other, otherKeys, "token", "of theirs", "key:b", None);
        await ledger.ExecuteAsync("UPDATE secret_versions t SET sealed = m.sealed FROM secret_versions m "
            + "WHERE t.tenant_key = $1 AND m.tenant_key = $2", otherKeys.Tenant, keys.Tenant);
        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            vault.ValueAsync(other, otherKeys, "token", None));
        Assert.Equal("AEGIS4046", refused.Error.Code);
    }

    [Fact]
    public async Task Find_AChangedByte_IsRefused()
    {
        var (vault, tenancy, keys) = await ProjectAsync("tampered");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);
        await ledger.ExecuteAsync("UPDATE secret_versions SET "
            + "sealed = set_byte(sealed, octet_length(sealed) - 1, "
            + "get_byte(sealed, octet_length(sealed) - 1) # 1) WHERE tenant_key = $1", keys.Tenant);

        Assert.Equal("AEGIS4046", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.ValueAsync(tenancy, keys, "token", None))).Error.Code);
    }

    [Fact]
    public async Task Delete_RemovesIt_Once()
    {
        var (vault, tenancy, keys) = await ProjectAsync("gone");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);
        Assert.True(await vault.DeleteAsync(keys, "token", "key:a", None));
        Assert.False(await vault.DeleteAsync(keys, "token", "key:a", None));
        Assert.Null(await vault.ValueAsync(tenancy, keys, "token", None));
    }

    [Theory]
    [InlineData("", "AEGIS4042")]
    [InlineData("a b", "AEGIS4042")]
    [InlineData("_a", "AEGIS4042")]
    [InlineData("a/b", "AEGIS4042")]
    public async Task Set_AMalformedName_IsRefused(string name, string code) =>
        Assert.Equal(code, await CodeOfSetAsync(name, "value"));

    [Theory]
    [InlineData(0, "AEGIS4043")]
    [InlineData(65_536, null)]
    [InlineData(65_537, "AEGIS4043")]
    public async Task Set_AValueOfLength_IsTakenWithinBounds(int length, string? code) =>
        Assert.Equal(code, await CodeOfSetAsync("sized", new string('v', length)));

    [Fact]
    public async Task Set_HalfASurrogate_IsRefused() =>
        Assert.Equal("AEGIS4043", await CodeOfSetAsync("half", "a\ud800b"));

    [Fact]
    public async Task Set_ANameThatDiffersInCaseOnly_IsRefused()
    {
        var (vault, tenancy, keys) = await ProjectAsync("case");
        await vault.SetAsync(tenancy, keys, "Token", "value", "key:a", None);
        Assert.Equal("AEGIS4047", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.SetAsync(tenancy, keys, "token", "value", "key:a", None))).Error.Code);
    }

    [Fact]
    public async Task Set_TheThousandthAndOneMore_OnlyTheFirstIsTaken()
    {
        var (vault, tenancy, keys) = await ProjectAsync("many");
        await ledger.ExecuteAsync("INSERT INTO secrets (tenant_key, project_key, name, version, actor) "
            + "SELECT $1, $2, 's' || n, 1, 'a' FROM generate_series(1, 999) n", keys.Tenant, keys.Project);
        await vault.SetAsync(tenancy, keys, "last", "value", "key:a", None);
        Assert.Equal("AEGIS4044", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.SetAsync(tenancy, keys, "more", "value", "key:a", None))).Error.Code);
        Assert.Equal(2, (await vault.SetAsync(tenancy, keys, "last", "newer", "key:a", None)).Version);
    }

    [Fact]
    public async Task Set_ManyAtOnce_GiveEachAVersion()
    {
        var (vault, tenancy, keys) = await ProjectAsync("race");
        var made = await Task.WhenAll(Enumerable.Range(0, 12).Select(n =>
            vault.SetAsync(tenancy, keys, "token", $"value-{n}", "key:a", None)));
        Assert.Equal(Enumerable.Range(1, 12), made.Select(m => m.Version).Order());
        var last = made.Single(m => m.Version == 12);
        Assert.Equal<SecretListing>([last], await vault.ListAsync(keys, None));
    }

    private async Task<string?> CodeOfSetAsync(string name, string value)
    {
        var (vault, tenancy, keys) = await ProjectAsync("bounds");
        try
        {
            await vault.SetAsync(tenancy, keys, name, value, "key:a", None);
            return null;
        }
        catch (AegisException e)
        {
            return e.Error.Code;
        }
    }

    private async Task<(SecretVault Vault, Tenancy Tenancy, TenancyKeys Keys)> ProjectAsync(string tenant)
    {
        var tenancy = new Tenancy(tenant, "web");
        var keys = await ledger.Tenants.ResolveAsync(tenancy,
            None) ?? await ledger.CreateProjectAsync(tenancy);
        return (await SecretVault.OpenAsync(ledger.Database, new MasterKeySource(ledger.Home), None), tenancy,
            keys);
    }
}
