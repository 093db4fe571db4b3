using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Secrets;

public sealed class KeyRotationTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Tenancy Acme = new("acme", "web");

    // each test a ledger of its own: there is one master key
    private readonly LedgerFixture ledger = new();
    private TenancyKeys keys;

    public async Task InitializeAsync()
    {
        await ledger.InitializeAsync();
        keys = await ledger.CreateProjectAsync(Acme);
    }

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Fingerprints_OfEqualValues_AgreeInATenantAndDifferBetweenTwo()
    {
        var vault = await OpenAsync(Own());
        var rival = new Tenancy("rival", "web");
        var rivalKeys = await ledger.CreateProjectAsync(rival);
        var other = new Tenancy("acme", "shop");
        var otherKeys = await ledger.CreateProjectAsync(other);
        var mine = await vault.SetAsync(Acme, keys, "a", "the same value", "key:a", None);
        var sister = await vault.SetAsync(other, otherKeys, "b", "the same value", "key:a", None);
        var theirs = await vault.SetAsync(rival, rivalKeys, "a", "the same value", "key:a", None);
        Assert.Equal(mine.Fingerprint, sister.Fingerprint);
        Assert.NotEqual(mine.Fingerprint, theirs.Fingerprint);
        Assert.Equal(2, await ledger.ScalarAsync<long>("SELECT count(*) FROM tenant_data_keys"));
    }

    [Fact]
    public async Task Open_AfterAnOlderServer_SealsItsRowsAnew_AndLeavesWhatDoesNotOpen()
    {
        await OpenAsync(Own());
        await FirstFormatRowAsync("old", "what an older server sealed", tamper: false);
        await FirstFormatRowAsync("broken", "what somebody changed", tamper: true);

        var vault = await OpenAsync(Own());

        Assert.Equal("what an older server sealed", await vault.ValueAsync(Acme, keys, "old", None));
        Assert.Equal(1, await ledger.ScalarAsync<int>(
            "SELECT key_version FROM secret_versions WHERE name = 'old'"));
        Assert.Equal("AEGIS4046", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.ValueAsync(Acme, keys, "broken", None))).Error.Code);
        Assert.True(await ledger.ScalarAsync<bool>(
            "SELECT key_version IS NULL FROM secret_versions WHERE name = 'broken'"));
    }

    [Fact]
    public async Task DataKey_Rotated_EverythingOpensAndTheOldKeyIsGone()
    {
        var vault = await OpenAsync(Own());
        var before = await vault.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        foreach (var n in Enumerable.Range(1, 250))
        {
            await vault.SetAsync(Acme, keys, $"s{n}", $"value {n}", "key:a", None);
        }

        var done = await vault.RotateDataKeyAsync("acme", "key:admin", None);

        Assert.Equal(new DataKeyRotation(2, 251), done);
        Assert.Equal("kept", await vault.ValueAsync(Acme, keys, "token", None));
        Assert.Equal("value 250", await (await OpenAsync(Own())).ValueAsync(Acme, keys, "s250", None));
        Assert.Equal(before.Fingerprint, (await vault.DescribeAsync(keys, "token", None))!.Fingerprint);
        Assert.Equal(2, await ledger.ScalarAsync<int>("SELECT min(key_version) FROM secret_versions"));
        Assert.Equal(2, await ledger.ScalarAsync<int>("SELECT min(key_version) FROM tenant_data_keys"));
    }

    [Fact]
    public async Task DataKey_RotatedBesideASlowerWriter_LosesNothing()
    {
        var vault = await OpenAsync(Own());
        await vault.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        var writers = Enumerable.Range(0, 20).Select(n =>
            vault.SetAsync(Acme, keys, $"race{n}", $"value {n}", "key:a", None)).ToArray();
        await vault.RotateDataKeyAsync("acme", "key:admin", None);
        await Task.WhenAll(writers);
        for (var n = 0; n < writers.Length; n++)
        {
            Assert.Equal($"value {n}", await vault.ValueAsync(Acme, keys, $"race{n}", None));
        }
    }

    [Theory]
    [InlineData("file")]
    [InlineData("passphrase")]
    public async Task MasterKey_ChangedAtAStart_OpensWithTheNewOneAlone(string kind)
    {
        await (await OpenAsync(Own())).SetAsync(Acme, keys, "token", "kept", "key:a", None);
        var file = Path.Combine(TestHome.Make(), "new");
        await File.WriteAllTextAsync(file, kind == "file" ? new string('a', 64) : "correct horse battery");
        var next = kind == "file" ? new MasterKeySource(TestHome.Make(), KeyFile: file)
            : new MasterKeySource(TestHome.Make(), PassphraseFile: file);

        var vault = await SecretVault.OpenAsync(ledger.Database, next, None, Own());

        Assert.Equal("kept", await vault.ValueAsync(Acme, keys, "token", None));
        Assert.Equal("kept", await (await OpenAsync(next)).ValueAsync(Acme, keys, "token", None));
        // the old one may stay named: nothing is changed twice
        Assert.NotNull(await SecretVault.OpenAsync(ledger.Database, next, None, Own()));
        Assert.Equal(2, await ledger.ScalarAsync<int>("SELECT generation FROM secret_seal"));
        Assert.Equal("AEGIS4040", (await Assert.ThrowsAsync<AegisException>(() =>
            OpenAsync(Own()))).Error.Code);
    }

    [Fact]
    public async Task MasterKey_OfTheHome_IsChangedWhileTheServerWorks()
    {
        var vault = await OpenAsync(Own());
        await vault.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        var (old, link) = (await File.ReadAllBytesAsync(KeyFile), vault.LinkKey());

        Assert.Equal(2, await vault.RotateMasterAsync("key:operator", None));

        Assert.NotEqual(old, await File.ReadAllBytesAsync(KeyFile));
        Assert.False(File.Exists(KeyFile + ".next"));
        Assert.NotEqual(link, vault.LinkKey());
        await vault.SetAsync(Acme, keys, "more", "made since", "key:a", None);
        var again = await OpenAsync(Own());
        Assert.Equal(("kept", "made since"), (await again.ValueAsync(Acme, keys, "token", None),
            await again.ValueAsync(Acme, keys, "more", None)));
    }

    [Fact]
    public async Task MasterKey_KilledBeforeTheFileHasItsName_TheNextStartFinishes()
    {
        var vault = await OpenAsync(Own());
        await vault.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        var old = await File.ReadAllBytesAsync(KeyFile);
        await vault.RotateMasterAsync("key:operator", None);
        var changed = await File.ReadAllBytesAsync(KeyFile);
        await File.WriteAllBytesAsync(KeyFile + ".next", changed);
        await File.WriteAllBytesAsync(KeyFile, old);

        Assert.Equal("kept", await (await OpenAsync(Own())).ValueAsync(Acme, keys, "token", None));
        Assert.Equal(changed, await File.ReadAllBytesAsync(KeyFile));
        Assert.False(File.Exists(KeyFile + ".next"));
    }

    [Fact]
    public async Task MasterKey_ThatIsNotTheHomes_IsNotTheServersToChange()
    {
        var file = Path.Combine(TestHome.Make(), "key");
        await File.WriteAllTextAsync(file, new string('a', 64));
        var vault = await OpenAsync(new MasterKeySource(ledger.Home, KeyFile: file));
        Assert.Equal("AEGIS4202", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.RotateMasterAsync("key:operator", None))).Error.Code);
    }

    [Fact]
    public async Task MasterKey_ChangedByAnother_AServerWithTheOldOneSealsForNobodyNew()
    {
        var (first, second) = (await OpenAsync(Own()), await OpenAsync(Own()));
        await second.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        await first.RotateMasterAsync("key:operator", None);

        Assert.Equal("kept", await second.ValueAsync(Acme, keys, "token", None));
        var fresh = new Tenancy("fresh", "web");
        var freshKeys = await ledger.CreateProjectAsync(fresh);
        Assert.Equal("AEGIS4200", (await Assert.ThrowsAsync<AegisException>(() =>
            second.SetAsync(fresh, freshKeys, "a", "b", "key:a", None))).Error.Code);
    }

    [Fact]
    public async Task MasterKey_WithADataKeyThatDoesNotOpen_StaysAsItIs()
    {
        var vault = await OpenAsync(Own());
        await vault.SetAsync(Acme, keys, "token", "kept", "key:a", None);
        var rival = new Tenancy("rival", "web");
        await vault.SetAsync(rival, await ledger.CreateProjectAsync(rival), "a", "b", "key:a", None);
        // the keys of two tenants change places
        await ledger.ExecuteAsync("UPDATE tenant_data_keys k SET wrapped = o.wrapped FROM tenant_data_keys o "
            + "WHERE o.tenant_key <> k.tenant_key");

        Assert.Equal("AEGIS4201", (await Assert.ThrowsAsync<AegisException>(() =>
            vault.RotateMasterAsync("key:operator", None))).Error.Code);
        Assert.Equal(1, await ledger.ScalarAsync<int>("SELECT generation FROM secret_seal"));
        Assert.Equal("AEGIS4200", (await Assert.ThrowsAsync<AegisException>(async () =>
            await (await OpenAsync(Own())).ValueAsync(Acme, keys, "token", None))).Error.Code);
    }

    private string KeyFile => Path.Combine(ledger.Home, "secrets.key");

    private MasterKeySource Own() => new(ledger.Home);

    private Task<SecretVault> OpenAsync(MasterKeySource source) =>
        SecretVault.OpenAsync(ledger.Database, source, None);

    /// <summary>A row as servers before data keys wrote it, by their own rule: AES-256-GCM under
    /// HKDF(master key, salt, "aegis-seal-1").</summary>
    private async Task FirstFormatRowAsync(string name, string value, bool tamper)
    {
        var salt = await ledger.ScalarAsync<byte[]>("SELECT salt FROM secret_seal");
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, await File.ReadAllBytesAsync(KeyFile), 32, salt,
            "aegis-seal-1"u8.ToArray());
        var plain = Encoding.UTF8.GetBytes(value);
        var row = new byte[29 + plain.Length];
        row[0] = 1;
        RandomNumberGenerator.Fill(row.AsSpan(1, 12));
        using (var aes = new AesGcm(key, 16))
        {
            aes.Encrypt(row.AsSpan(1, 12), plain, row.AsSpan(29), row.AsSpan(13, 16),
                Encoding.UTF8.GetBytes($"acme\nweb\n{name}\n1"));
        }
        row[^1] ^= (byte)(tamper ? 1 : 0);
        await ledger.ExecuteAsync("INSERT INTO secrets (tenant_key, project_key, name, version, actor) "
            + "VALUES ($1, $2, $3, 1, 'a')", keys.Tenant,
            keys.Project, name);
        await ledger.ExecuteAsync("INSERT INTO secret_versions (tenant_key, project_key, name, version, "
            + "sealed, fingerprint, actor) VALUES ($1, $2, $3, 1, $4, '00000000', 'a')",
            keys.Tenant, keys.Project,
            name, row);
    }
}
