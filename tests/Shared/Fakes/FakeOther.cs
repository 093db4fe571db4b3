using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What the fake answers beside chats.</summary>
internal static class FakeOther
{
    public static string Embeddings(JsonElement body)
    {
        var input = body.GetProperty("input");
        var texts = input.ValueKind == JsonValueKind.Array
            ? input.EnumerateArray().Select(text => text.GetString() ?? "").ToList() : [input.GetString()!];
        var isBase64 = FakeQuestion.Text(body, "encoding_format") == "base64";
        var data = texts.Select((text, i) =>
            $$"""{"object":"embedding","index":{{i}},"embedding":{{Vector(text, isBase64)}}}""");
        var tokens = texts.Sum(FakeQuestion.Words);
        return $$"""
            {"object":"list","data":[{{string.Join(',', data)}}],"model":{{Model(body)}},
            "usage":{"prompt_tokens":{{tokens}},"total_tokens":{{tokens}} } }
            """;
    }

    public static string Transcription(byte[] form) => $$"""
        {"text":"I heard {{form.Length}} bytes.","usage":{"type":"tokens",
        "input_tokens":{{form.Length / 100}},"output_tokens":5,"total_tokens":{{(form.Length / 100) + 5}} } }
        """;

    public static string CachedContent(JsonElement body, FakeMemory memory)
    {
        var tokens = FakeQuestion.Words(body.GetRawText());
        return $$"""
            {"name":"{{memory.Store(tokens)}}","model":{{Model(body)}},
            "usageMetadata":{"totalTokenCount":{{tokens}} },"createTime":"2026-01-01T00:00:00Z",
            "updateTime":"2026-01-01T00:00:00Z","expireTime":"2026-01-01T01:00:00Z"}
            """;
    }

    public static string Models(IReadOnlyList<string> models, bool isAnthropic)
    {
        var data = models.Select(model => isAnthropic
            ? $$"""
              {"type":"model","id":"{{model}}","display_name":"{{model}}","created_at":"2026-01-01T00:00:00Z"}
              """
            : $$"""{"id":"{{model}}","object":"model","created":1700000000,"owned_by":"fake"}""");
        var list = string.Join(',', data);
        return isAnthropic
            ? $$"""{"data":[{{list}}],"has_more":false,"first_id":null,"last_id":null}"""
            : $$"""{"object":"list","data":[{{list}}]}""";
    }

    // the same text always has the same place
    private static string Vector(string text, bool isBase64)
    {
        var vector = new float[8];
        foreach (var (b, i) in Encoding.UTF8.GetBytes(text).Select((b, i) => (b, i)))
        {
            vector[i % vector.Length] += b / 256f;
        }
        return isBase64
            ? $"\"{Convert.ToBase64String([.. vector.SelectMany(BitConverter.GetBytes)])}\""
            : $"[{string.Join(',', vector.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";
    }

    private static string Model(JsonElement body) =>
        JsonSerializer.Serialize(FakeQuestion.Text(body, "model"));
}
