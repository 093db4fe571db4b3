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
    private const string Value = EgressRoom.SecretValue;
    private readonly EgressRoom room = new();

    public Task InitializeAsync() => room.InitializeAsync();

    public Task DisposeAsync() => room.DisposeAsync();

    [Fact]
    public async Task Run_ReachesWhatWorkflowAndProfileBothAllow()
    {
        var curl = $"curl -s --noproxy '' http://{room.Plain}/";
        foreach (var (allow, profile, denied) in new (string[], string, string?)[]
        {
            ([room.Plain], "models: {}", null),
            ([room.Plain], $"egress_allow: [\"*.example.org\", \"{room.Plain}\"]", null),
            ([room.Plain], "egress_allow: [other.example.org]", "AEGIS3113"),
            ([room.Plain], "egress_allow: []", "AEGIS3113"),
            (["other.example.org"], $"egress_allow: [\"{room.Plain}\"]", "AEGIS2161"),
        })
        {
            await room.ProfileAsync(profile);
            var (text, returned) = await room.RunAsync(curl, allow);
            var fact = returned.GetProperty("egress")[0];
            Assert.StartsWith(denied is null ? "hello" : $"{{\"code\":\"{denied}\"", text,
                StringComparison.Ordinal);
            Assert.Equal(denied, Member(fact, "denied"));
            Assert.Equal(("localhost", "GET"), (Member(fact, "host"), Member(fact, "method")));
        }
        // the same two lists hold what the host's own tool asks for
        await room.ProfileAsync("egress_allow: [other.example.org]");
        var (_, call, _) = await room.Server.SendAsync("POST", "/v1/tools/http.fetch:invoke",
            JsonSerializer.Serialize(new
            {
                input = new { url = $"http://127.0.0.1:{room.Open.Port}/" },
                policy = new { egress_allow = new[] { $"127.0.0.1:{room.Open.Port}" } },
            }));
        Assert.Equal("AEGIS3113", call.GetProperty("code").GetString());
        Assert.Equal(2, room.Open.Asked.Count);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task Secret_ThatIsBound_GoesToItsHostAlone_AndIsSeenNowhere(string scheme, bool opens)
    {
        await room.ProfileAsync(opens ? "egress_opens_tls: true" : "models: {}");
        var (set, _, _) = await room.Server.SendAsync("PUT", "/v1/secrets/api-token",
            JsonSerializer.Serialize(new { value = Value }));
        Assert.Equal(HttpStatusCode.OK, set);
        const string header = "-H 'X-Key: ${{ secrets.api-token }}'";
        var curl = $"curl -s --noproxy '' {header} {scheme}://{room.Bound}/; "
            + $"curl -s --noproxy '' {header} http://{room.Plain}/; printenv";
        // unbound, it is offered to nobody
        var (unbound, _) = await room.RunAsync($"curl -s --noproxy '' http://{room.Plain}/; printenv",
            [room.Plain, room.Bound]);
        Assert.DoesNotContain("AEGIS_SECRET", unbound, StringComparison.Ordinal);
        await room.Server.SendAsync("POST", "/v1/secrets/api-token:bind",
            JsonSerializer.Serialize(new { hosts = new[] { room.Bound } }));

        var (text, _) = await room.WorkflowAsync(curl);

        Assert.Contains($"X-Key: {Value}\r\n", Assert.Single(room.Tls.Heads), StringComparison.Ordinal);
        // the server answers with what it was asked; asterisks came in
        Assert.Contains($"X-Key: {new string('*', Value.Length)}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, text, StringComparison.Ordinal);
        var elsewhere = room.Open.Asked.Last().Head;
        Assert.Matches("X-Key: aegis-secret-[0-9a-f]{32}\r\n", elsewhere);
        Assert.Matches("AEGIS_SECRET_API_TOKEN=aegis-secret-[0-9a-f]{32}\n", text);
        // the use is a fact of the secret, with run and host
        var used = await room.Server.UntilAsync("SELECT convert_from(payload, 'UTF8') FROM events e "
            + "JOIN streams s USING (stream_key) WHERE s.stream_id = 'secret/api-token' "
            + "AND e.type = 'SecretUsed'");
        Assert.Contains("\"purpose\":\"egress\"", used, StringComparison.Ordinal);
        Assert.Contains("\"host\":\"localhost\"", used, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Placeholders_AtTheLimitAndPast()
    {
        await room.ProfileAsync("models: {}");
        var printed = new List<int>();
        for (var i = 0; i <= CommandSecrets.OfferedMax; i++)
        {
            var name = $"many-{i:000}";
            await room.Server.SendAsync("PUT", $"/v1/secrets/{name}",
                JsonSerializer.Serialize(new { value = $"{Value}-{i}" }));
            await room.Server.SendAsync("POST", $"/v1/secrets/{name}:bind",
                JsonSerializer.Serialize(new { hosts = new[] { room.Plain } }));
            if (i >= CommandSecrets.OfferedMax - 1)
            {
                var (text, _) = await room.RunAsync(
                    $"curl -s --noproxy '' http://{room.Bound}/; printenv", [room.Plain, room.Bound]);
                printed.Add(text.Split('\n').Count(line => line.StartsWith("AEGIS_SECRET_MANY_",
                    StringComparison.Ordinal)));
            }
        }
        Assert.Equal([CommandSecrets.OfferedMax, CommandSecrets.OfferedMax], printed);
    }

    [Fact]
    public void CaFile_WithoutCertificates_StopsTheStart()
    {
        var empty = Path.Combine(room.Folder, "empty.pem");
        File.WriteAllText(empty, "nothing");
        foreach (var path in new[] { empty, Path.Combine(room.Folder, "missing.pem") })
        {
            var error = Assert.Throws<AegisException>(() => TrustedRoots.WithFile(path)).Error;
            Assert.Equal("AEGIS3115", error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        Assert.Null(TrustedRoots.WithFile(null));
        Assert.Contains(room.Tls.Authority.Thumbprint, TrustedRoots.WithFile(
            Path.Combine(room.Folder, "ca.pem"))!.Select(root => root.Thumbprint));
    }

    private static string? Member(JsonElement fact, string name) =>
        fact.TryGetProperty(name, out var value) ? value.GetString() : null;
}
