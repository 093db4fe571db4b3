using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Secrets;

public sealed class SecretUseTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SecretUse Step = new("key:a", "http.request", "api.example.org", "run_1", "ask");

    [Fact]
    public async Task Rotate_WithAnOverlap_BothAreValidUntilItEnds()
    {
        var (vault, tenancy, keys) = await ProjectAsync("overlap");
        await vault.SetAsync(tenancy, keys, "token", "one", "key:a", None);
        await vault.RotateAsync(tenancy, keys, "token", "two", TimeSpan.FromDays(30), "key:a", None);
        var third = await vault.RotateAsync(
            tenancy, keys, "token", "three", TimeSpan.FromHours(1), "key:a", None);

        Assert.Equal(["three", "two"],
            (await vault.PeekAsync(tenancy, keys, "token", None)).Select(s => s.Value));
        Assert.NotNull(third!.PreviousUntil);
        await ledger.ExecuteAsync("UPDATE secret_versions SET expires_at = now() - interval '1 s' "
            + "WHERE tenant_key = $1 AND expires_at IS NOT NULL", keys.Tenant);
        Assert.Equal(["three"],
            (await vault.PeekAsync(tenancy, keys, "token", None)).Select(s => s.Value));
        await vault.RotateAsync(tenancy, keys, "token", "four", TimeSpan.FromHours(1), "key:a", None);
        await vault.SetAsync(tenancy, keys, "token", "five", "key:a", None);
        Assert.Equal(["five"],
            (await vault.PeekAsync(tenancy, keys, "token", None)).Select(s => s.Value));
    }

    [Fact]
    public async Task Rotate_OfWhatIsNotThere_MakesNothing_AndTheOverlapHasALimit()
    {
        var (vault, tenancy, keys) = await ProjectAsync("unset");
        Assert.Null(await vault.RotateAsync(tenancy, keys, "token", "v", TimeSpan.Zero, "key:a", None));
        Assert.Empty(await vault.ListAsync(keys, None));
        Assert.Equal("AEGIS4205", (await Assert.ThrowsAsync<AegisException>(() => vault.RotateAsync(tenancy,
            keys, "token", "v", SecretVault.OverlapMax + TimeSpan.FromTicks(1), "key:a", None))).Error.Code);
    }

    [Theory]
    [InlineData("", "api.example.org", 443, true, false)]
    [InlineData("api.example.org", "api.example.org", 443, true, true)]
    [InlineData("api.example.org", "www.example.org", 443, false, false)]
    [InlineData("*.example.org", "api.example.org", 443, true, true)]
    [InlineData("*.example.org", "example.org", 443, false, false)]
    [InlineData("api.example.org", "api.example.org", 8443, false, false)]
    [InlineData("127.0.0.1:8443", "127.0.0.1", 8443, true, true)]
    public async Task Use_TowardsAHost_IsAsTheBindingSays(
        string bound, string host, int port, bool named, bool unnamed)
    {
        var (vault, tenancy, keys) = await ProjectAsync("bound");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);
        await vault.BindAsync(keys, "token", bound.Length == 0 ? [] : [bound], "key:a", None);
        var target = new EgressTarget(host, port);

        var use = vault.UseAsync(tenancy, keys, "token", Step, None, target);
        Assert.Equal(named ? null : "AEGIS4206", await CodeAsync(use));
        Assert.Equal(unnamed,
            await vault.UseBoundAsync(tenancy, keys, "token", Step, target, None) is not null);
        Assert.Equal(bound.Length > 0, (await vault.BoundAsync(keys, None)).Contains("token"));
        // what stays on this machine is sent to no host
        Assert.Equal("value", (await vault.UseAsync(tenancy, keys, "token", Step, None))!.Value);
    }

    [Theory]
    [InlineData(20, "h{0}.example.org", null)]
    [InlineData(21, "h{0}.example.org", "AEGIS4204")]
    [InlineData(1, "https://example.org", "AEGIS4203")]
    [InlineData(1, "EXAMPLE.org", "AEGIS4203")]
    [InlineData(1, "*", "AEGIS4203")]
    [InlineData(1, "GET example.org", "AEGIS4203")]
    [InlineData(1, "example.org/path", "AEGIS4203")]
    public async Task Bind_IsHeldToForm(int count, string form, string? code)
    {
        var (vault, tenancy, keys) = await ProjectAsync("form");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);
        Assert.Equal(code, await CodeAsync(vault.BindAsync(keys, "token",
            [.. Enumerable.Range(0, count).Select(n => string.Format(null, form, n))], "key:a", None)));
    }

    [Fact]
    public async Task EveryChangeAndUse_IsAFactOfTheSecretsStream_Once_AndWithoutTheValue()
    {
        var (vault, tenancy, keys) = await ProjectAsync("facts");
        const string Value = "needle-in-the-haystack";
        await vault.SetAsync(tenancy, keys, "token", Value, "key:a", None);
        await vault.BindAsync(keys, "token", ["api.example.org"], "key:b", None);
        await vault.UseAsync(tenancy, keys, "token", Step, None);
        await vault.RotateAsync(tenancy, keys, "token", Value + "2", TimeSpan.FromHours(1), "key:c", None);
        await vault.DeleteAsync(keys, "token", "key:d", None);

        // the second turn finds again what a turn that was killed had appended
        var moved = await MoveAsync(keepRows: true);
        Assert.Equal(moved, await MoveAsync(keepRows: false));

        var facts = await FactsAsync(keys, "secret/token");
        Assert.Equal(["SecretStored", "SecretBound", "SecretUsed", "SecretStored", "SecretDeleted"],
            facts.Select(f => f.Type));
        Assert.DoesNotContain(facts, f => f.Text.Contains("needle", StringComparison.Ordinal));
        var used = (SecretUsed)RunEventCodec.Decode("SecretUsed", Encoding.UTF8.GetBytes(facts[2].Text));
        Assert.Equal(new SecretUsed(used.FactId, "token", 1, used.Fingerprint, "key:a", "http.request",
            "api.example.org", "run_1", "ask"), used);
        Assert.True(await ledger.ScalarAsync<bool>("SELECT closed FROM streams WHERE tenant_key = $1 "
            + "AND stream_id = 'secret/token'", keys.Tenant));
    }

    [Fact]
    public async Task ARefusedUse_LeavesNoFact()
    {
        var (vault, tenancy, keys) = await ProjectAsync("refused");
        await vault.SetAsync(tenancy, keys, "token", "value", "key:a", None);
        await vault.BindAsync(keys, "token", ["api.example.org"], "key:a", None);
        await CodeAsync(vault.UseAsync(
            tenancy, keys, "token", Step, None, new EgressTarget("evil.example.com", 443)));
        Assert.Equal(0, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM secret_facts WHERE tenant_key = $1 AND type = 'SecretUsed'", keys.Tenant));
    }

    private async Task<int> MoveAsync(bool keepRows)
    {
        var engine = new EngineLedger(ledger.Database);
        await using var lease = await engine.TakeLeaseAsync(None);
        using var commit = engine.OpenCommit(lease);
        if (!keepRows)
        {
            return await engine.SecretFacts(commit).TurnAsync(None);
        }
        // a rule that swallows the delete is a kill between the append and the commit
        await ledger.ExecuteAsync(
            "CREATE RULE keep AS ON DELETE TO secret_facts DO INSTEAD NOTHING");
        var moved = await engine.SecretFacts(commit).TurnAsync(None);
        await ledger.ExecuteAsync("DROP RULE keep ON secret_facts");
        return moved;
    }

    private async Task<List<(string Type, string Text)>> FactsAsync(TenancyKeys keys, string stream)
    {
        await using var command = ledger.Super.CreateCommand("SELECT e.type, convert_from(e.payload, 'UTF8') "
            + "FROM events e JOIN streams s USING (stream_key) WHERE s.tenant_key = $1 AND s.stream_id = $2 "
            + "ORDER BY e.version");
        command.Parameters.AddWithValue(keys.Tenant);
        command.Parameters.AddWithValue(stream);
        await using var reader = await command.ExecuteReaderAsync(None);
        var found = new List<(string, string)>();
        while (await reader.ReadAsync(None))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }
        return found;
    }

    private static async Task<string?> CodeAsync(Task act)
    {
        try
        {
            await act;
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
        var keys = await ledger.Tenants.ResolveAsync(tenancy, None)
            ?? await ledger.CreateProjectAsync(tenancy);
        return (await SecretVault.OpenAsync(ledger.Database, new MasterKeySource(ledger.Home), None), tenancy,
            keys);
    }
}
