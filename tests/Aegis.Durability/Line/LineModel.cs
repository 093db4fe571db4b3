using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Durability.Product;
using Aegis.Tests.Shared;

namespace Aegis.Durability.Line;

/// <summary>A provider outside, by HTTP, that says a sample's words: each agent's model is called by its
/// name. What it was asked it was paid for, so it counts; and it can keep an answer back, so that a server
/// is met while its call is in flight.</summary>
internal sealed class LineModel : IAsyncDisposable
{
    private const string Price = "{ input_usd_per_million: 1, output_usd_per_million: 1 }";
    private readonly LoopbackHttp http = new();
    private readonly LineWords words;
    private readonly Task serving;
    private readonly Lock counting = new();
    private readonly List<string> asked = [];
    private (int At, ModelServer.Hold Hold)? hold;

    public LineModel(LineWords words)
    {
        this.words = words;
        serving = ServeAsync();
    }

    /// <summary>Nothing is cached: a call that is made twice is asked twice.</summary>
    public string Profile => $$"""
        profile_id: line
        providers:
          paid:
            base_url: http://127.0.0.1:{{http.Port}}/v1
            prices:
        {{string.Join('\n', words.Roles.Select(r => $"      {r}: {Price}"))}}
        cache: { ttl_seconds: 0 }
        models:
        {{string.Join('\n', words.Roles.Select(r => $"  {r}: {{ provider: paid, model: {r} }}"))}}
        agents:
        {{string.Join('\n', words.Roles.Select(r => $"  {r}: {{ model: {r} }}"))}}
        """;

    /// <summary>What was asked since the last reset: agent, turn and a hash of the conversation.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (counting)
            {
                return [.. asked];
            }
        }
    }

    public void Reset()
    {
        lock (counting)
        {
            asked.Clear();
            hold = null;
        }
    }

    /// <summary>Keeps back the answer to the n-th conversation that is new.</summary>
    public ModelServer.Hold HoldAt(int number)
    {
        lock (counting)
        {
            hold = (number, new ModelServer.Hold());
            return hold.Value.Hold;
        }
    }

    public async ValueTask DisposeAsync()
    {
        hold?.Hold.Release();
        http.Dispose();
        await serving;
    }

    private async Task ServeAsync()
    {
        while (await http.NextAsync() is { } context)
        {
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var request = JsonNode.Parse(await reader.ReadToEndAsync())!;
            var (reply, held) = Take(request);
            if (held is not null)
            {
                await held.EnterAsync();
            }
            context.Response.StatusCode = reply is null ? 400 : 200;
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(reply ?? "{}"));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // the asker was killed
        }
    }

    private (string? Reply, ModelServer.Hold? Held) Take(JsonNode request)
    {
        var messages = request["messages"]!.AsArray();
        var role = request["model"]!.GetValue<string>();
        var turn = 1 + messages.Count(m => m!["role"]!.GetValue<string>() == "assistant");
        var newest = messages.Last(m => m!["role"]!.GetValue<string>() == "user")!["content"]!;
        var hash = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(messages.ToJsonString())))[..8];
        var name = $"{role} {turn} {hash}";
        ModelServer.Hold? held = null;
        lock (counting)
        {
            var isNew = !asked.Contains(name);
            asked.Add(name);
            if (isNew && hold is { } one && asked.Distinct().Count() == one.At)
            {
                (held, hold) = (one.Hold, null);
            }
        }
        var text = newest is JsonValue ? newest.GetValue<string>() : newest.ToJsonString();
        return (words.Find(role, turn, text) is { } found ? Reply(role, found) : null, held);
    }

    private static string Reply(string model, LineTurn turn) => JsonSerializer.Serialize(new
    {
        id = "c",
        @object = "chat.completion",
        created = 1,
        model,
        choices = new[] { new { index = 0, finish_reason = turn.Finish, message = turn.Message } },
        usage = new { prompt_tokens = 100, completion_tokens = 10, total_tokens = 110 },
    });
}
