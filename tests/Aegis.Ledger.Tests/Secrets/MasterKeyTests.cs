using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Secrets;

public sealed class MasterKeyTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    // each test a ledger of its own: the probe is made once
    private readonly LedgerFixture ledger = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Open_FirstStart_MakesAKeyThatOnlyItsOwnerReads()
    {
        await OpenAsync(new MasterKeySource(ledger.Home));

        var file = Path.Combine(ledger.Home, "secrets.key");
        Assert.Equal((32, UnixFileMode.UserRead | UnixFileMode.UserWrite),
            (File.ReadAllBytes(file).Length, File.GetUnixFileMode(file)));
        await OpenAsync(new MasterKeySource(ledger.Home));
    }

    [Fact]
    public async Task Open_WithAnotherKey_IsAClearRefusal()
    {
        await OpenAsync(new MasterKeySource(ledger.Home));

        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            OpenAsync(new MasterKeySource(TestHome.Make())));

        Assert.Equal("AEGIS4040", refused.Error.Code);
        Assert.Contains("AEGIS_MASTER_KEY_FILE", refused.Error.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hex")]
    [InlineData("base64")]
    [InlineData("raw")]
    public async Task Open_WithTheSameKeyInAnotherForm_Opens(string form)
    {
        await OpenAsync(new MasterKeySource(ledger.Home));
        var key = File.ReadAllBytes(Path.Combine(ledger.Home, "secrets.key"));
        var file = Path.Combine(TestHome.Make(), "key");
        File.WriteAllBytes(file, form switch
        {
            "hex" => [.. Convert.ToHexString(key).Select(c => (byte)c), (byte)'\n'],
            "base64" => [.. Convert.ToBase64String(key).Select(c => (byte)c)],
            _ => key,
        });

        await OpenAsync(new MasterKeySource(TestHome.Make(), file));
    }

    [Fact]
    public async Task Open_WithAPassphrase_OpensWithItAndWithNoOther()
    {
        var file = Path.Combine(TestHome.Make(), "passphrase");
        var source = new MasterKeySource(ledger.Home, PassphraseFile: file);
        File.WriteAllText(file, "correct horse battery staple\n");
        await OpenAsync(source);
        Assert.False(File.Exists(Path.Combine(ledger.Home, "secrets.key")));
        File.WriteAllText(file, "correct horse battery staple");
        await OpenAsync(source);

        File.WriteAllText(file, "correct horse battery stable");
        Assert.Equal("AEGIS4040", await CodeOfAsync(source));
    }

    [Theory]
    [InlineData(11, "AEGIS4041")]
    [InlineData(12, null)]
    [InlineData(1024, null)]
    [InlineData(1025, "AEGIS4041")]
    public async Task Passphrase_OfLength_IsTakenWithinBounds(int length, string? code)
    {
        var file = Path.Combine(TestHome.Make(), "passphrase");
        File.WriteAllText(file, new string('x', length));
        Assert.Equal(code, await CodeOfAsync(new MasterKeySource(ledger.Home, PassphraseFile: file)));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(5000)]
    public async Task KeyFile_OfAnotherLength_IsRefused(int length)
    {
        var file = Path.Combine(TestHome.Make(), "key");
        File.WriteAllBytes(file, new byte[length]);
        Assert.Equal("AEGIS4041", await CodeOfAsync(new MasterKeySource(ledger.Home, file)));
    }

    [Fact]
    public async Task KeyFile_ThatIsMissing_OrBothVariables_AreRefused()
    {
        var missing = new MasterKeySource(ledger.Home, Path.Combine(ledger.Home, "nowhere"));
        Assert.Equal("AEGIS4041", await CodeOfAsync(missing));
        Assert.Equal("AEGIS4041", await CodeOfAsync(missing with { PassphraseFile = "/dev/null" }));
    }

    private Task<SecretVault> OpenAsync(MasterKeySource source) =>
        SecretVault.OpenAsync(ledger.Database, source, None);

    private async Task<string?> CodeOfAsync(MasterKeySource source)
    {
        try
        {
            await OpenAsync(source);
            return null;
        }
        catch (AegisException e)
        {
            return e.Error.Code;
        }
    }
}
