using System.Text;
using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What a call asks, as far as the fake minds.</summary>
internal sealed record FakeQuestion(string Model, bool Stream, bool ShowUsage)
{
    public string LastText { get; private set; } = "";

    public string? ToolResult { get; private set; }

    public int Images { get; private set; }

    public int Tokens { get; private set; }

    public IReadOnlyList<string> Tools { get; private set; } = [];

    public bool WantsJson { get; private set; }

    public int? MaxTokens { get; private set; }

    public string? CachedContent { get; private set; }

    /// <summary>All that the model reads, in its order.</summary>
    public string Prompt { get; private set; } = "";

    /// <summary>The prompt up to each mark, the shortest first.</summary>
    public IReadOnlyList<string> Marked { get; private set; } = [];

    /// <summary>An assistant's message at the end, to be gone on with.</summary>
    public string? Prefill { get; private set; }

    public static FakeQuestion Of(JsonElement body)
    {
        var question = new FakeQuestion(Text(body, "model"), Is(body, "stream"),
            body.TryGetProperty("stream_options", out var options) && Is(options, "include_usage"))
        {
            Tools = body.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array
                ? [.. tools.EnumerateArray().Select(ToolName)] : [],
            WantsJson = (body.TryGetProperty("response_format", out var form) && Text(form, "type") != "text")
                || (body.TryGetProperty("output_config", out var config)
                    && config.TryGetProperty("format", out _)),
            MaxTokens = Number(body, "max_tokens") ?? Number(body, "max_completion_tokens"),
            CachedContent = body.TryGetProperty("extra_body", out var extra)
                && extra.TryGetProperty("google", out var google) ? Text(google, "cached_content") : null,
        };
        var raw = body.GetRawText();
        question.Tokens = Words(raw);
        var prompt = FakePrompt.Of(body);
        (question.Prompt, question.Marked) = (prompt.Whole, prompt.Marked);
        foreach (var message in body.GetProperty("messages").EnumerateArray())
        {
            question.Take(message);
        }
        return question;
    }

    /// <summary>Shorter prompts are not kept.</summary>
    public const int PrefixTokensLeast = 1_024;

    /// <summary>Tokens; none for nothing.</summary>
    public static int Count(string text) => text.Length == 0 ? 0 : Words(text);

    public static int Words(string text) => Math.Max(1, (Encoding.UTF8.GetByteCount(text) + 3) / 4);

    public static string Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";

    private static bool Is(JsonElement body, string name) => body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static int? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetInt32() : null;

    private static string ToolName(JsonElement tool) =>
        tool.TryGetProperty("function", out var function) ? Text(function, "name") : Text(tool, "name");

    private void Take(JsonElement message)
    {
        var role = Text(message, "role");
        Prefill = null;
        if (!message.TryGetProperty("content", out var content))
        {
            return;
        }
        if (content.ValueKind == JsonValueKind.String)
        {
            Said(role, content.GetString()!);
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in content.EnumerateArray())
            {
                Part(role, part);
            }
        }
    }

    private void Part(string role, JsonElement part)
    {
        switch (Text(part, "type"))
        {
            case "text":
                Said(role, Text(part, "text"));
                break;
            case "image" or "image_url":
                Images++;
                break;
            case "tool_result":
                ToolResult = part.TryGetProperty("content", out var content)
                    && content.ValueKind == JsonValueKind.String ? content.GetString() : content.GetRawText();
                break;
        }
    }

    private void Said(string role, string text)
    {
        if (role == "tool")
        {
            ToolResult = text;
        }
        else if (role == "user")
        {
            LastText = text;
            ToolResult = null;
        }
        else if (role == "assistant")
        {
            Prefill = text;
        }
    }
}
