using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Rehearsals;

/// <summary>A request as a rehearsal keeps it: what the model reads, and not who was asked, whether the
/// answer was streamed, nor how many tokens a budget left for it.</summary>
public sealed record RehearsedRequest
{
    public ImmutableArray<RehearsedText> System { get; init; } = [];

    public ImmutableArray<RehearsedMessage> Messages { get; init; } = [];

    public ImmutableArray<RehearsedTool> Tools { get; init; } = [];

    public RehearsedChoice? ToolChoice { get; init; }

    /// <summary>Null for plain text.</summary>
    public RehearsedFormat? Format { get; init; }

    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Compared where the file states it, as are the two below.</summary>
    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? MaxTokens { get; init; }

    /// <summary>Members that only one protocol knows, with their JSON.</summary>
    public ImmutableSortedDictionary<string, string> Rest { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The JSON object of a request that is no chat; null for a chat.</summary>
    public string? Body { get; init; }

    /// <summary>The newest message of the user that says something; of embeddings their input.</summary>
    public string Prompt => Body is { } body ? Input(body)
        : Messages.LastOrDefault(message => message is { IsAssistant: false, Text.Length: > 0 })?.Text ?? "";

    /// <summary>The same for a file: long texts as their beginning and a hash.</summary>
    public RehearsedRequest Short() => this with
    {
        System = [.. System.Select(text => text.Short())],
        Messages = [.. Messages.Select(message => message with { Parts = Short(message.Parts) })],
    };

    private static ImmutableArray<RehearsedPart> Short(ImmutableArray<RehearsedPart> parts) =>
        [.. parts.Select(part => part switch
        {
            RehearsedSaying saying => saying with { Text = saying.Text.Short() },
            RehearsedResult result => result with { Content = Short(result.Content) },
            _ => part,
        })];

    private static string Input(string body)
    {
        using var json = JsonDocument.Parse(body);
        return !json.RootElement.TryGetProperty("input", out var input) ? ""
            : input.ValueKind == JsonValueKind.Array
            ? string.Join('\n', input.EnumerateArray().Select(item => item.ToString())) : input.ToString();
    }
}

public sealed record RehearsedMessage(bool IsAssistant, ImmutableArray<RehearsedPart> Parts)
{
    public string Text => string.Join('\n', Parts.OfType<RehearsedSaying>().Select(part => part.Text.Text));
}

/// <param name="Parameters">The JSON schema, as text.</param>
public sealed record RehearsedTool(string Name, string? Description, string Parameters, bool? Strict = null);

/// <param name="Kind"><c>auto</c>, <c>none</c>, <c>any</c> or <c>named</c>.</param>
public sealed record RehearsedChoice(string Kind, string? Name = null, bool? Parallel = null);

/// <param name="Schema">The JSON schema as text; null for any JSON object.</param>
public sealed record RehearsedFormat(string? Name, string? Schema, bool? Strict = null,
    string? Description = null);
