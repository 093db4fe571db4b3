using System.Text;
using Aegis.Cli;
using Aegis.Client;
using Aegis.Core.Audit;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>Evidence through the doors: exported by the CLI, verified offline, and refused once
/// touched.</summary>
public sealed class AuditDoorTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-audit-").FullName;
    private AegisServer server = null!;
    private string key = "";

    public async Task InitializeAsync()
    {
        await ledger.InitializeAsync();
        server = await ServerFixture.StartAsync(ledger.Url, new ScriptedEngine(), folder);
        var keys = await ledger.CreateProjectAsync(new Core.Tenancy("t", "p"));
        key = (await ledger.Tenants.CreateKeyAsync("t", "p", "auditor", ["audit:read"], default)).Secret;
        var seed = new Seed(ledger);
        var run = await seed.RunAsync(keys, "succeeded");
        await seed.EventAsync(keys, run, "RunStarted", """{"n":1}""");
        await seed.EventAsync(keys, run, "TaskStarted", """{"step_id":"build"}""");
        await seed.EventAsync(keys, run, "PlanCompleted", """{"n":2}""");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await ledger.DisposeAsync();
    }

    [Fact]
    public async Task Export_VerifiesOffline_AndATouchedCopyDoesNot()
    {
        var file = Path.Combine(folder, "evidence");
        Assert.Equal((0, ""), await AegisAsync("audit", "export", file));
        var (exit, words) = await AegisAsync("audit", "verify", file, "--key",
            Path.Combine(folder, "keys", "checkpoint.pub"));
        Assert.True(exit == 0, words);
        Assert.StartsWith("verified: 3 events in 1 streams", words, StringComparison.Ordinal);
        var payload = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"n":1}"""));
        var touched = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"n":7}"""));
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(payload, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(payload, touched, StringComparison.Ordinal));
        (exit, words) = await AegisAsync("audit", "verify", file);
        Assert.Equal(1, exit);
        Assert.Contains("Changed t/p/run_", words, StringComparison.Ordinal);
        Assert.Contains("version 1", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OnTheServer_NamesWhatWasChangedInSql()
    {
        Assert.Equal(0, (await AegisAsync("audit", "verify")).Exit);
        await ledger.ExecuteAsync("UPDATE events SET type = 'RunFailed' WHERE version = 3");
        var (exit, words) = await AegisAsync("audit", "verify");
        Assert.Equal(1, exit);
        Assert.Contains("NOT VERIFIED", words, StringComparison.Ordinal);
        Assert.Contains("version 3", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OfAnotherProject_HoldsNothingOfThisOne()
    {
        await ledger.CreateProjectAsync(new Core.Tenancy("u", "p"));
        var other = (
            await ledger.Tenants.CreateKeyAsync("u", "p", "auditor", ["audit:read"], default)).Secret;
        using var client = new AegisClient(server.Url.ToString(), other);
        using var export = new MemoryStream();
        await client.ExportAuditAsync(export);
        export.Position = 0;
        Assert.Equal((true, 0L), (ExportVerifier.Verify(export) is var r && r.IsIntact, r.Events));
        Assert.DoesNotContain("run_", Encoding.UTF8.GetString(export.ToArray()), StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Words)> AegisAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var environment = new Dictionary<string, string>
        {
            ["AEGIS_URL"] = server.Url.ToString(), ["AEGIS_KEY"] = key,
        };
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 100,
            environment.GetValueOrDefault), CancellationToken.None);
        return (exit, output.ToString());
    }
}
