using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Gate.Models;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>Whose key a model call takes, in the product as it is: catalogue, profile, secrets, ledger.
/// </summary>
public sealed class ModelKeyTests : IAsyncLifetime
{
    private const string Name = "ORDER_TEST_API_KEY";

    // each call asks the provider
    private const string Profile = """
        providers: { ordered: {} }
        locality: local
        models: { reasoning: m }
        cache: { ttl_seconds: 0 }
        """;

    private readonly LoopbackServer provider;
    private readonly ConcurrentQueue<string> keys = new();
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-model-keys-").FullName;
    private RealServer server = null!;

    public ModelKeyTests() => provider = new LoopbackServer(head =>
    {
        var key = head.Split("\r\n").First(h => h.StartsWith("x-order-key: ",
            StringComparison.OrdinalIgnoreCase))["x-order-key: ".Length..];
        keys.Enqueue(key);
        return LoopbackServer.Ok($$$"""
            {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
            "finish_reason":"stop","message":{"role":"assistant","content":"your key is {{{key}}}"}}],
            "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
            """, "Content-Type: application/json\r\n");
    });

    public async Task InitializeAsync()
    {
        Environment.SetEnvironmentVariable(Name, "hosts-own-key-0");
        var models = Path.Combine(folder, "models.yaml");
        await File.WriteAllTextAsync(models, $$"""
            providers:
              ordered:
                base_url: http://127.0.0.1:{{provider.Port}}/v1
                protocol: openai
                auth: { kind: header, name: x-order-key, secret: {{Name}} }
                locality: local
                source: "https://x"
                read: 2026-01-02
            """);
        server = new RealServer { Options = o => o with { Models = models } };
        await server.InitializeAsync();
        await server.ProjectAsync(new Tenancy("acme", Keyring.TenantProject));
        foreach (var key in new[] { server.Key, server.RivalKey })
        {
            var (stored, _, _) = await server.SendAsync("PUT", "/v1/profile",
                JsonSerializer.Serialize(new { yaml = Profile }), key);
            Assert.Equal(HttpStatusCode.OK, stored);
        }
    }

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable(Name, null);
        await server.DisposeAsync();
        await provider.DisposeAsync();
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task Key_IsTheCallersOwn_ElseTheProjects_ElseTheTenants_ElseTheHosts()
    {
        await AskedWithAsync("hosts-own-key-0", (await CallerAsync()).Secret);
        var tenants = await server.MakeKeyAsync(new Tenancy("acme", Keyring.TenantProject));
        await StoreAsync(Name, "tenants-key-1", tenants.Secret);
        await AskedWithAsync("tenants-key-1", (await CallerAsync()).Secret);
        await StoreAsync(Name, "projects-key-2", server.Key);
        await AskedWithAsync("projects-key-2", (await CallerAsync()).Secret);
        var user = await CallerAsync();
        await StoreAsync($"user.{user.KeyId}.{Name}", "users-own-key-3", server.Key);
        await AskedWithAsync("users-own-key-3", user.Secret);
        await AskedWithAsync("projects-key-2", (await CallerAsync()).Secret);
        await AskedWithAsync("hosts-own-key-0", server.RivalKey);
        // the use is a fact of the secret, with whom it was sent to
        var used = await server.UntilAsync("SELECT convert_from(payload, 'UTF8') FROM events e "
            + $"JOIN streams s USING (stream_key) WHERE s.stream_id = 'secret/user.{user.KeyId}.{Name}' "
            + "AND e.type = 'SecretUsed'");
        Assert.Contains("\"purpose\":\"llm.chat\"", used, StringComparison.Ordinal);
        Assert.Contains("\"host\":\"127.0.0.1\"", used, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_OfAUser_IsGivenToNoToolOfAnother()
    {
        var (user, other) = (await CallerAsync(), await CallerAsync());
        var name = $"user.{user.KeyId}.OTHER_KEY";
        await StoreAsync(name, "users-secret-9", server.Key);
        async Task<JsonElement> SendAsync(string key) => (await server.SendAsync("POST",
            "/v1/tools/http.fetch:invoke", JsonSerializer.Serialize(new
            {
                input = new
                {
                    url = $"http://127.0.0.1:{provider.Port}/",
                    secret_headers = new Dictionary<string, object>
                    {
                        ["x-order-key"] = new { secret = name },
                    },
                },
                policy = new { egress_allow = new[] { $"127.0.0.1:{provider.Port}" } },
            }), key)).Body;
        var refused = await SendAsync(other.Secret);
        Assert.Contains("AEGIS4207", refused.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(keys);
        await SendAsync(user.Secret);
        Assert.Equal(["users-secret-9"], keys);
    }

    [Fact]
    public async Task Key_ThatIsBoundElsewhere_IsNotSent()
    {
        await StoreAsync(Name, "bound-key-4", server.Key);
        await server.SendAsync("POST", $"/v1/secrets/{Name}:bind", """{"hosts":["api.example.org"]}""");
        var answer = await AskAsync((await CallerAsync()).Secret);
        Assert.Contains("AEGIS4206", answer.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(keys);
    }

    private Task<Ledger.Tenants.CreatedKey> CallerAsync() => server.MakeKeyAsync(new Tenancy("acme", "web"));

    private async Task StoreAsync(string name, string value, string key) => Assert.Equal(HttpStatusCode.OK,
        (await server.SendAsync("PUT", $"/v1/secrets/{name}", JsonSerializer.Serialize(new { value }), key))
        .Status);

    private async Task<JsonElement> AskAsync(string key) => (await server.SendAsync("POST",
        "/v1/tools/llm.chat:invoke", """{"input":{"prompt":"which key is mine?"}}""", key)).Body;

    private async Task AskedWithAsync(string expected, string key)
    {
        var answer = await AskAsync(key);
        Assert.True(keys.TryDequeue(out var sent), answer.GetRawText());
        Assert.Equal(expected, sent);
        // what the provider repeats of it is masked
        Assert.Contains("your key is ***", answer.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(expected, answer.GetRawText(), StringComparison.Ordinal);
    }
}
