using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>A server with two tenants and a provider that answers whatever a test wants, byte for byte. Both
/// tenants have a key of their own for it.</summary>
public sealed class HostileRoom : IAsyncLifetime
{
    public const string ProviderKey = "sk-provider/0123456789abcdef";
    public const string RivalsProviderKey = "sk-rivals-0123456789abcdef";
    private const string KeyName = "HOSTILE_KEY";
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-hostile-").FullName;
    private int models;

    public HostileRoom() => Provider = new LoopbackServer(head => Answer(head));

    public LoopbackServer Provider { get; }

    public Func<string, byte[]?> Answer { get; set; } = _ => Json(Chat("hello"));

    public RealServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var file = Path.Combine(folder, "models.yaml");
        await File.WriteAllTextAsync(file, string.Join('\n', ["providers:",
            .. new[] { ("openai", "127.0.0.1"), ("anthropic", "localhost") }.Select(p => $$"""
                  {{p.Item1}}:
                    base_url: http://{{p.Item2}}:{{Provider.Port}}/v1
                    protocol: {{p.Item1}}
                    auth: { kind: bearer, secret: {{KeyName}} }
                    locality: local
                    stream_usage: true
                    source: "https://x"
                    read: 2026-01-02
                """)]));
        Server = new RealServer { Options = o => o with { Models = file } };
        await Server.InitializeAsync();
        await FillAsync(Server.Key, "ours", ProviderKey);
        await FillAsync(Server.RivalKey, "theirs", RivalsProviderKey);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Provider.DisposeAsync();
        Directory.Delete(folder, true);
    }

    /// <summary>A model that no other test has made rest.</summary>
    public string Fresh(string protocol = "openai") =>
        string.Create(CultureInfo.InvariantCulture, $"{protocol}/m{Interlocked.Increment(ref models)}");

    public async Task ProfileAsync(string yaml, string? key = null)
    {
        var (stored, told, _) = await Server.SendAsync(
            "PUT", "/v1/profile", JsonSerializer.Serialize(new { yaml }), key);
        Assert.True(stored == HttpStatusCode.OK, told.GetRawText());
    }

    public async Task<Told> AskAsync(string body, string path = "/v1/chat/completions", string? key = null,
        string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (key is not { Length: 0 })
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Server.Key);
        }
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var reply = await Server.Http.SendAsync(request);
        return new((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(),
            reply.Content.Headers.ContentType?.ToString(),
            reply.Headers.ToDictionary(
                h => h.Key, h => string.Join('|', h.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>What the ledger holds of a call, once it is there.</summary>
    public async Task<JsonElement> FactAsync(Told told) => JsonElement.Parse(await Server.UntilAsync("""
        SELECT convert_from(payload, 'UTF8') FROM events
         WHERE type = 'ToolReturned' AND convert_from(payload, 'UTF8')::jsonb ->> 'call_id' = $1
        """, told.Headers["x-aegis-call-id"]));

    public async Task<bool> IsInLedgerAsync(string text) => await Server.UntilAsync(
        "SELECT count(*)::text FROM events WHERE position($1::text in convert_from(payload, 'UTF8')) > 0",
        text) != "0";

    public static string Profile(string alias) => $$"""
        providers: { openai: {}, anthropic: {} }
        models: { {{alias}}: { provider: openai, model: m } }
        """;

    public static string Call(string model, string words = "hello", string more = "") => $$"""
        {"model":"{{model}}","temperature":1{{more}},
        "messages":[{"role":"user","content":"{{words}}"}]}
        """;

    public static string Chat(string text, string model = "m") => $$$"""
        {"id":"c","object":"chat.completion","created":1,"model":{{{JsonSerializer.Serialize(model)}}},
        "choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":
        {{{JsonSerializer.Serialize(text)}}} } }],
        "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }
        """;

    public static byte[] Json(string body) =>
        LoopbackServer.Ok(body, "Content-Type: application/json\r\nConnection: close\r\n");

    /// <summary>A stream of chat pieces.</summary>
    public static byte[] Stream(params string[] pieces) =>
        Events([.. pieces.Select(Piece), Chunk("{}", "\"stop\""), "[DONE]"]);

    public static byte[] Events(params string[] data) => LoopbackServer.Ok(
        string.Concat(data.Select(d => $"data: {d}\n\n")),
        "Content-Type: text/event-stream\r\nConnection: close\r\n");

    public static string Piece(string text) => Chunk(
        $"{{\"role\":\"assistant\",\"content\":{JsonSerializer.Serialize(text)}}}", "null");

    private static string Chunk(string delta, string finish) =>
        "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
        + $"[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}";

    private async Task FillAsync(string key, string alias, string providerKey)
    {
        var (stored, told, _) = await Server.SendAsync("PUT", $"/v1/secrets/{KeyName}",
            JsonSerializer.Serialize(new { value = providerKey }), key);
        Assert.True(stored == HttpStatusCode.OK, told.GetRawText());
        await ProfileAsync(Profile(alias), key);
    }
}

public sealed record Told(int Status, string Text, string? ContentType, Dictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? Code => Text.StartsWith('{') ? ProblemReading.Code(Json) : null;

    public string Whole => string.Join('\n',
        [Text, ContentType, .. Headers.Select(h => $"{h.Key}: {h.Value}")]);
}
