using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Mcp.Outside;

/// <summary>An MCP server that wants a token, the authorization server that gives it to machines, and a
/// stranger that must hear of nothing: three servers on loopback.</summary>
internal sealed class GuardedServer : IAsyncDisposable
{
    public const string ClientId = "client-4d8e1f00a2";
    public const string ClientSecret = "c1ient s3cret/9f2b+7c41d0e8";

    private readonly LoopbackHttp server = new();
    private readonly LoopbackHttp issuer = new();
    private readonly LoopbackHttp stranger = new();
    private readonly ConcurrentDictionary<string, bool> valid = new();
    private readonly Task[] serving;
    private int given;

    public GuardedServer() => serving =
        [ServeAsync(server, "server", Server), ServeAsync(issuer, "issuer", Answer),
            ServeAsync(stranger, "stranger", _ => (200, "{}"))];

    public Uri Url => new($"http://127.0.0.1:{server.Port}/mcp");

    public string Issuer => $"http://127.0.0.1:{issuer.Port}/acme";

    public string Stranger => $"http://127.0.0.1:{stranger.Port}/";

    public IEnumerable<string> Hosts => new[] { server, issuer, stranger }.Select(s => $"127.0.0.1:{s.Port}");

    /// <summary>Who was asked for what, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What was asked for a token, and how.</summary>
    public ConcurrentQueue<(string? Authorization, string Form)> Grants { get; } = new();

    public ConcurrentQueue<string?> Tokens { get; } = new();

    public int Life { get; set; } = 3600;

    public string Challenge { get; set; } = "Bearer scope=\"notes:write\"";

    /// <summary>Answers in place of the right one: a status, and a body or an address to go to.</summary>
    public Func<string, (int Status, string Body)?> Odd { get; set; } = _ => null;

    public void Revoke() => valid.Clear();

    public async ValueTask DisposeAsync()
    {
        server.Dispose();
        issuer.Dispose();
        stranger.Dispose();
        await Task.WhenAll(serving);
    }

    public string Described(string? resource = null, string? by = null) => new JsonObject
    {
        ["resource"] = resource ?? $"{Url}",
        ["authorization_servers"] = new JsonArray(by ?? Issuer),
    }.ToJsonString();

    public string Metadata(string? named = null, string? way = null) => new JsonObject
    {
        ["issuer"] = named ?? Issuer,
        ["token_endpoint"] = $"{Issuer}/token",
        ["grant_types_supported"] = new JsonArray("client_credentials"),
        ["token_endpoint_auth_methods_supported"] = new JsonArray(way ?? "client_secret_basic"),
    }.ToJsonString();

    private async Task ServeAsync(
        LoopbackHttp http, string who, Func<HttpListenerContext, (int Status, string Body)> answer)
    {
        while (await http.NextAsync() is { } context)
        {
            var path = context.Request.Url!.AbsolutePath;
            Asked.Enqueue($"{who} {path}");
            var (status, body) = Odd($"{who} {path}") ?? answer(context);
            context.Response.StatusCode = status;
            if (status is >= 300 and < 400)
            {
                context.Response.Headers["Location"] = body;
            }
            context.Response.ContentType = "application/json";
            var sent = status is 202 or (>= 300 and < 400) ? "" : body;
            context.Response.Close(Encoding.UTF8.GetBytes(sent), true);
        }
    }

    private (int, string) Answer(HttpListenerContext context)
    {
        switch (context.Request.Url!.AbsolutePath)
        {
            case "/.well-known/oauth-authorization-server/acme":
                return (200, Metadata());
            case "/acme/token":
                using (var reader = new StreamReader(context.Request.InputStream))
                {
                    Grants.Enqueue((context.Request.Headers["Authorization"],
                        HttpUtility.UrlDecode(reader.ReadToEnd())));
                }
                var token = $"token-{Interlocked.Increment(ref given)}-8b1d77e0c3";
                valid[token] = true;
                return (200, new JsonObject
                {
                    ["access_token"] = token, ["token_type"] = "bearer", ["expires_in"] = Life,
                }.ToJsonString());
            default:
                return (404, "{}");
        }
    }

    private (int, string) Server(HttpListenerContext context)
    {
        if (context.Request.Url!.AbsolutePath == "/.well-known/oauth-protected-resource/mcp")
        {
            return (200, Described());
        }
        var token = context.Request.Headers["Authorization"];
        Tokens.Enqueue(token);
        if (token is null || !valid.ContainsKey(token["Bearer ".Length..]))
        {
            context.Response.Headers["WWW-Authenticate"] = Challenge;
            return (401, "{}");
        }
        using var reader = new StreamReader(context.Request.InputStream);
        return JsonNode.Parse(reader.ReadToEnd()) is JsonObject message ? Mcp(message, token) : (400, "{}");
    }

    private static (int, string) Mcp(JsonObject message, string token)
    {
        JsonObject? result = message["method"]!.GetValue<string>() switch
        {
            "initialize" => new JsonObject
            {
                ["protocolVersion"] = "2025-11-25",
                ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
                ["serverInfo"] = new JsonObject { ["name"] = "guarded", ["version"] = "1" },
            },
            "tools/list" => new JsonObject
            {
                ["tools"] = new JsonArray(new JsonObject
                {
                    ["name"] = "say",
                    ["inputSchema"] = new JsonObject { ["type"] = "object" },
                }),
            },
            "tools/call" => new JsonObject
            {
                ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = $"got {token}" }),
            },
            _ => null,
        };
        if (message["id"] is not { } id)
        {
            return (202, "");
        }
        return (result is null ? 400 : 200, new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id.DeepClone(),
            [result is null ? "error" : "result"] = result
                ?? new JsonObject { ["code"] = -32601, ["message"] = "no such method" },
        }.ToJsonString());
    }
}
