using System.Net;
using System.Text.Json;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Support;

/// <summary>The product with two servers that its sandboxes may reach: one open, one over TLS.</summary>
public sealed class EgressRoom : IAsyncLifetime
{
    public const string SecretValue = "s3cr3t-value-that-stays-outside";

    public LoopbackServer Open { get; } = new(_ => LoopbackServer.Ok("hello"));

    public TlsServer Tls { get; } = new("localhost");

    public string Folder { get; } = Directory.CreateTempSubdirectory("aegis-egress-").FullName;

    public RealServer Server { get; private set; } = null!;

    public string Plain => $"localhost:{Open.Port}";

    public string Bound => $"localhost:{Tls.Port}";

    public async Task InitializeAsync()
    {
        var authorities = Path.Combine(Folder, "ca.pem");
        await File.WriteAllTextAsync(authorities, Tls.Authority.ExportCertificatePem());
        Server = new RealServer { EgressPrivateHosts = [Plain, Bound], EgressCaFile = authorities };
        await Server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Open.DisposeAsync();
        await Tls.DisposeAsync();
        Directory.Delete(Folder, true);
    }

    public async Task ProfileAsync(string yaml)
    {
        var (status, body, _) = await Server.SendAsync("PUT", "/v1/profile",
            JsonSerializer.Serialize(new { yaml }));
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, body.GetRawText());
    }

    /// <summary>A command by the tool door, with what the ledger says of its call.</summary>
    public async Task<(string Text, JsonElement Returned)> RunAsync(string cmd, string[] allow)
    {
        var (_, call, _) = await Server.SendAsync("POST", "/v1/tools/shell.exec:invoke",
            JsonSerializer.Serialize(new
            {
                input = new { cmd },
                policy = new { allow_commands = new[] { "curl", "printenv" }, egress_allow = allow },
            }));
        Assert.True(call.TryGetProperty("run_id", out var run), call.GetRawText());
        var facts = await EndedAsync(run);
        Assert.True(call.TryGetProperty("output", out var output), call.GetRawText());
        return (output.GetString()!, Payload(facts, "ToolReturned"));
    }

    /// <summary>The output of a workflow's only step, with what the ledger says of its call.</summary>
    public async Task<(string Text, JsonElement Returned)> WorkflowAsync(string cmd)
    {
        var (made, plan, _) = await Server.SendAsync("POST", "/v1/plans:create", JsonSerializer.Serialize(new
        {
            workflow = $"""
                name: egress
                policy:
                  allow_commands: [curl, printenv]
                  egress_allow: ["{Plain}", "{Bound}"]
                steps:
                  - id: ask
                    uses: shell.exec
                    with: {JsonSerializer.Serialize(new { cmd })}
                """,
        }));
        Assert.True(made is HttpStatusCode.OK or HttpStatusCode.Created, plan.GetRawText());
        var (_, run, _) = await Server.SendAsync("POST",
            $"/v1/plans/{plan.GetProperty("plan_id").GetString()}:run", "{}");
        Assert.True(run.TryGetProperty("run_id", out var id), run.GetRawText());
        var facts = await EndedAsync(id);
        return (Payload(facts, "TaskCompleted").GetProperty("output").GetString()!,
            Payload(facts, "ToolReturned"));
    }

    /// <summary>The facts of a run: the secret stands in none.</summary>
    private async Task<IReadOnlyList<JsonElement>> EndedAsync(JsonElement run)
    {
        var facts = await Server.EndedAsync(run.GetString()!);
        Assert.DoesNotContain(facts, fact =>
            fact.GetRawText().Contains(SecretValue, StringComparison.Ordinal));
        return facts;
    }

    private static JsonElement Payload(IReadOnlyList<JsonElement> facts, string type) =>
        facts.Single(f => f.GetProperty("type").GetString() == type).GetProperty("payload");
}
