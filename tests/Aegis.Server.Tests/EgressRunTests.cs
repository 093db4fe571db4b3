using System.Net;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Sandbox.Egress;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The way out of the sandbox in the product as it is: workflow, profile, secrets, ledger.</summary>
public sealed class EgressRunTests : IAsyncLifetime
{
    private const string Value = "s3cr3t-value-that-stays-outside";
    private readonly LoopbackServer plain = new(_ => LoopbackServer.Ok("hello"));
    private readonly TlsServer bound = new("localhost");
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-egress-").FullName;
    private RealServer server = null!;

    private string Plain => $"localhost:{plain.Port}";

    private string Bound => $"localhost:{bound.Port}";

    public async Task InitializeAsync()
    {
        var authorities = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(authorities, bound.Authority.ExportCertificatePem());
        server = new RealServer { EgressPrivateHosts = [Plain, Bound], EgressCaFile = authorities };
        await server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await plain.DisposeAsync();
        await bound.DisposeAsync();
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task Run_ReachesWhatWorkflowAndProfileBothAllow()
    {
        var curl = $"curl -s --noproxy '' http://{Plain}/";
        foreach (var (allow, profile, denied) in new (string[], string, string?)[]
        {
            ([Plain], "models: {}", null),
            ([Plain], $"egress_allow: [\"*.example.org\", \"{Plain}\"]", null),
            ([Plain], "egress_allow: [other.example.org]", "AEGIS3113"),
            ([Plain], "egress_allow: []", "AEGIS3113"),
            (["other.example.org"], $"egress_allow: [\"{Plain}\"]", "AEGIS2161"),
        })
        {
            await ProfileAsync(profile);
            var (text, fact) = await RunAsync(curl, allow);
            Assert.StartsWith(denied is null ? "hello" : $"{{\"code\":\"{denied}\"", text,
                StringComparison.Ordinal);
            Assert.Equal(denied, Member(fact, "denied"));
            Assert.Equal(("localhost", "GET"), (Member(fact, "host"), Member(fact, "method")));
        }
        // the same two lists hold what the host's own tool asks for
        await ProfileAsync("egress_allow: [other.example.org]");
        var (_, call, _) = await server.SendAsync("POST", "/v1/tools/http.fetch:invoke",
            JsonSerializer.Serialize(new
            {
                input = new { url = $"http://127.0.0.1:{plain.Port}/" },
                policy = new { egress_allow = new[] { $"127.0.0.1:{plain.Port}" } },
            }));
        Assert.Equal("AEGIS3113", call.GetProperty("code").GetString());
        Assert.Equal(2, plain.Asked.Count);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task Secret_ThatIsBound_GoesToItsHostAlone_AndIsSeenNowhere(string scheme, bool opens)
    {
        await ProfileAsync(opens ? "egress_opens_tls: true" : "models: {}");
        var (set, _, _) = await server.SendAsync("PUT", "/v1/secrets/api-token",
            JsonSerializer.Serialize(new { value = Value }));
        Assert.Equal(HttpStatusCode.OK, set);
        const string header = "-H 'X-Key: ${{ secrets.api-token }}'";
        var curl = $"curl -s --noproxy '' {header} {scheme}://{Bound}/; "
            + $"curl -s --noproxy '' {header} http://{Plain}/; printenv";
        // unbound, it is offered to nobody
        var (unbound, _) = await RunAsync($"curl -s --noproxy '' http://{Plain}/; printenv", [Plain, Bound]);
        Assert.DoesNotContain("AEGIS_SECRET", unbound, StringComparison.Ordinal);
        await server.SendAsync("POST", "/v1/secrets/api-token:bind",
            JsonSerializer.Serialize(new { hosts = new[] { Bound } }));

        var text = await WorkflowAsync(curl);

        Assert.Contains($"X-Key: {Value}\r\n", Assert.Single(bound.Heads), StringComparison.Ordinal);
        // the server answers with what it was asked; asterisks came in
        Assert.Contains($"X-Key: {new string('*', Value.Length)}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, text, StringComparison.Ordinal);
        var elsewhere = plain.Asked.Last().Head;
        Assert.Matches("X-Key: aegis-secret-[0-9a-f]{32}\r\n", elsewhere);
        Assert.Matches("AEGIS_SECRET_API_TOKEN=aegis-secret-[0-9a-f]{32}\n", text);
        // the use is a fact of the secret, with run and host
        var used = await server.UntilAsync("SELECT convert_from(payload, 'UTF8') FROM events e "
            + "JOIN streams s USING (stream_key) WHERE s.stream_id = 'secret/api-token' "
            + "AND e.type = 'SecretUsed'");
        Assert.Contains("\"purpose\":\"egress\"", used, StringComparison.Ordinal);
        Assert.Contains("\"host\":\"localhost\"", used, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Placeholders_AtTheLimitAndPast()
    {
        await ProfileAsync("models: {}");
        var printed = new List<int>();
        for (var i = 0; i <= CommandSecrets.OfferedMax; i++)
        {
            var name = $"many-{i:000}";
            await server.SendAsync("PUT", $"/v1/secrets/{name}",
                JsonSerializer.Serialize(new { value = $"{Value}-{i}" }));
            await server.SendAsync("POST", $"/v1/secrets/{name}:bind",
                JsonSerializer.Serialize(new { hosts = new[] { Plain } }));
            if (i >= CommandSecrets.OfferedMax - 1)
            {
                var (text, _) = await RunAsync(
                    $"curl -s --noproxy '' http://{Bound}/; printenv", [Plain, Bound]);
                printed.Add(text.Split('\n').Count(line => line.StartsWith("AEGIS_SECRET_MANY_",
                    StringComparison.Ordinal)));
            }
        }
        Assert.Equal([CommandSecrets.OfferedMax, CommandSecrets.OfferedMax], printed);
    }

    [Fact]
    public void CaFile_WithoutCertificates_StopsTheStart()
    {
        var empty = Path.Combine(folder, "empty.pem");
        File.WriteAllText(empty, "nothing");
        foreach (var path in new[] { empty, Path.Combine(folder, "missing.pem") })
        {
            var error = Assert.Throws<AegisException>(() => TrustedRoots.WithFile(path)).Error;
            Assert.Equal("AEGIS3115", error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        Assert.Null(TrustedRoots.WithFile(null));
        Assert.Contains(bound.Authority.Thumbprint, TrustedRoots.WithFile(Path.Combine(folder, "ca.pem"))!
            .Select(root => root.Thumbprint));
    }

    private async Task ProfileAsync(string yaml)
    {
        var (status, body, _) = await server.SendAsync("PUT", "/v1/profile",
            JsonSerializer.Serialize(new { yaml }));
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, body.GetRawText());
    }

    private async Task<(string Text, JsonElement Fact)> RunAsync(string cmd, string[] allow)
    {
        var (_, call, _) = await server.SendAsync("POST", "/v1/tools/shell.exec:invoke",
            JsonSerializer.Serialize(new
            {
                input = new { cmd },
                policy = new { allow_commands = new[] { "curl", "printenv" }, egress_allow = allow },
            }));
        Assert.True(call.TryGetProperty("run_id", out var run), call.GetRawText());
        var facts = await server.EndedAsync(run.GetString()!);
        Assert.DoesNotContain(facts, fact => fact.GetRawText().Contains(Value, StringComparison.Ordinal));
        var returned = facts.Single(f => f.GetProperty("type").GetString() == "ToolReturned")
            .GetProperty("payload");
        return (call.GetProperty("output").GetString()!, returned.GetProperty("egress")[0]);
    }

    /// <summary>The output of a workflow's only step.</summary>
    private async Task<string> WorkflowAsync(string cmd)
    {
        var (made, plan, _) = await server.SendAsync("POST", "/v1/plans:create", JsonSerializer.Serialize(new
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
        var (_, run, _) = await server.SendAsync("POST",
            $"/v1/plans/{plan.GetProperty("plan_id").GetString()}:run", "{}");
        Assert.True(run.TryGetProperty("run_id", out var id), run.GetRawText());
        var facts = await server.EndedAsync(id.GetString()!);
        Assert.DoesNotContain(facts, fact => fact.GetRawText().Contains(Value, StringComparison.Ordinal));
        return facts.Single(f => f.GetProperty("type").GetString() == "TaskCompleted")
            .GetProperty("payload").GetProperty("output").GetString()!;
    }

    private static string? Member(JsonElement fact, string name) =>
        fact.TryGetProperty(name, out var value) ? value.GetString() : null;
}
