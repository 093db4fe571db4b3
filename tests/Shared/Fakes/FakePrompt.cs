using System.Text;
using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What a model reads of a call, as a provider's cache of prompts compares it: tools, then the
/// system prompt, then messages, with the marks taken out.</summary>
internal sealed class FakePrompt
{
    private readonly StringBuilder all = new();
    private readonly List<string> marked = [];

    public string Whole => all.ToString();

    public IReadOnlyList<string> Marked => marked;

    public static FakePrompt Of(JsonElement body)
    {
        var prompt = new FakePrompt();
        prompt.Add(body, "tools");
        prompt.Add(body, "system");
        foreach (var message in body.GetProperty("messages").EnumerateArray())
        {
            prompt.all.Append(FakeQuestion.Text(message, "role"));
            prompt.Add(message, "content");
        }
        return prompt;
    }

    private void Add(JsonElement from, string name)
    {
        if (!from.TryGetProperty(name, out var value))
        {
            return;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            all.Append($"{{type:\"text\"text:{value.GetRawText()}}}");
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in value.EnumerateArray())
            {
                Add(block);
            }
        }
    }

    private void Add(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            all.Append(block.GetRawText());
            return;
        }
        all.Append('{');
        foreach (var member in block.EnumerateObject().Where(member => member.Name != "cache_control"))
        {
            all.Append(member.Name).Append(':').Append(member.Value.GetRawText());
        }
        all.Append('}');
        if (block.TryGetProperty("cache_control", out _))
        {
            marked.Add(all.ToString());
        }
    }
}
