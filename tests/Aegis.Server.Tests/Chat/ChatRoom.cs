using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Chat;

/// <summary>A server whose project has workflows for the chat, and a rehearsal for its model.</summary>
public sealed class ChatRoom : IAsyncLifetime
{
    public const string Profile = """
        providers: { here: { base_url: "http://127.0.0.1:9/v1" } }
        models: { chat: { provider: here, model: word-1 } }
        rehearsal: words.yaml
        chat: { build: line, change: line, deploy: ship, repair: gone }
        """;

    private const string Words = """
        origin: scripted
        turns:
          - role: chat.answer
            match: { contains: "how does the shop work" }
            reply: "It sells bread. ```js\nlet secret = 1;\n``` That is all."
            cost_usd: 0.001
          - role: chat.answer
            match: { contains: "cuanto tarda" }
            reply: "Unos minutos."
            cost_usd: 0.001
          - role: chat.intent
            match: { contains: "lo de vender pan" }
            reply: '{"intent":"build","slots":{"objective":"vender pan"},"confidence":0.9}'
            cost_usd: 0.0001
          - role: chat.intent
            match: { contains: "something is odd here" }
            reply: '{"intent":"deploy","slots":{"target":"the moon","scope":"admin:*"},"confidence":1}'
            cost_usd: 0.0001
        """;

    private const string Line = """
        name: line
        on: [api]
        inputs:
          objective: { type: string, required: true }
          language: { type: string }
        outputs:
          objective: "${{ inputs.objective }}"
          build_status: clean
        steps:
        - { id: note, uses: flow.noop }
        """;

    private const string Ship = """
        name: ship
        on: [api]
        inputs: { target: { type: string } }
        outputs: { target: "${{ inputs.target }}" }
        steps:
        - { id: ask, uses: flow.noop, approve: "deploy it?" }
        """;

    public RealServer Server { get; } = new();

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        foreach (var (name, workflow) in new[] { ("line", Line), ("ship", Ship) })
        {
            await OkAsync("PUT", $"/v1/workflows/{name}", new { workflow });
        }
        await ProfileAsync();
        await OkAsync("POST", "/v1/repos", new { id = "shop" });
    }

    public Task DisposeAsync() => Server.DisposeAsync();

    /// <summary>The key of another project that has the same profile.</summary>
    public async Task<string> KeyAsync(string project)
    {
        await Server.ProjectAsync(new("acme", project));
        var key = (await Server.MakeKeyAsync(new("acme", project))).Secret;
        await ProfileAsync(key);
        return key;
    }

    private Task<JsonElement> ProfileAsync(string? key = null) => OkAsync("PUT", "/v1/profile", new
    {
        yaml = Profile, files = new Dictionary<string, string> { ["words.yaml"] = Words },
    }, key);

    public async Task<JsonElement> OkAsync(string method, string path, object? body, string? key = null)
    {
        var (status, told, _) = await Server.SendAsync(
            method, path, body is null ? null : JsonSerializer.Serialize(body), key);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {status} {told}");
        return told;
    }

    public Task<JsonElement> SayAsync(
        string message, bool act = false, string? session = null, string? key = null) => OkAsync("POST",
        "/v1/chat", session is null ? new { message, require_action = act }
            : new { message, require_action = act, session_id = session } as object, key);

    /// <summary>The messages of a stream.</summary>
    public async Task<List<(string Kind, JsonElement Data)>> StreamAsync(
        object body, CancellationToken cancel = default)
    {
        using var request = Request(body);
        using var reply = await Server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync(cancel));
        var found = new List<(string, JsonElement)>();
        var kind = "";
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            kind = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : kind;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                found.Add((kind, JsonElement.Parse(line[6..])));
            }
        }
        return found;
    }

    public HttpRequestMessage Request(object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat", UriKind.Relative))
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Server.Key);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return request;
    }

    /// <summary>Waits until a run's row says how it ended.</summary>
    public Task EndedAsync(string run, string status) => Server.UntilAsync(
        "SELECT status FROM runs_read WHERE run_id = $1 AND status = $2", run, status);

    /// <summary>The facts of a stream, once there are so many.</summary>
    public async Task<string[]> FactsAsync(string stream, int count) => (await Server.UntilAsync("""
        SELECT CASE WHEN count(*) >= $2 THEN string_agg(e.type, ' ' ORDER BY e.version) END
          FROM events e JOIN streams s USING (stream_key) WHERE s.stream_id = $1
        """, stream, (long)count)).Split(' ');
}
