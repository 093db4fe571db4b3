using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Rehearsals;

/// <summary>Reads what was said of a rehearsal: requests, messages and their parts.</summary>
internal sealed class ConversationFields(List<Diagnostic> errors)
{
    private const int NameCharsMax = 256;
    private const int TextCharsMax = RehearsalFile.ReplyCharsMax;
    private const string PartKinds =
        "text, or a map with one of text, image, call, result and reasoning";

    private static readonly string[] Choices = ["auto", "none", "any"];

    public RehearsedRequest? Request(YamlValue value)
    {
        const string Where = "turns.request";
        if (YamlFields.Of(value, Where, errors, "system", "messages", "tools", "tool_choice",
            "parallel_tools", "format", "stop", "temperature", "top_p", "max_tokens", "rest")
            is not { } fields)
        {
            return null;
        }
        fields.Need("messages");
        return new()
        {
            System = [.. Many(fields.Value("system"), $"{Where}.system").Select(text =>
                Text(text, $"{Where}.system"))],
            Messages = [.. fields.Items("messages").Select(Message).OfType<RehearsedMessage>()],
            Tools = [.. fields.Items("tools").Select(Tool).OfType<RehearsedTool>()],
            ToolChoice = Choice(fields),
            Format = Format(fields),
            Stop = [.. fields.Items("stop").Select(stop => Word(stop, $"{Where}.stop"))],
            Temperature = (double?)fields.Number("temperature", 0, 2),
            TopP = (double?)fields.Number("top_p", 0, 1),
            MaxTokens = (int?)fields.Integer("max_tokens", 1, 10_000_000),
            Rest = fields.Entries("rest").ToImmutableSortedDictionary(rest => rest.Name,
                rest => Json(rest.Value, $"{Where}.rest.{rest.Name}"), StringComparer.Ordinal),
        };
    }

    /// <summary>A message's or an answer's content: a text, or a list of parts.</summary>
    public ImmutableArray<RehearsedPart> Content(YamlValue value, string where) =>
        [.. Many(value, where).Select(part => Part(part, where)).OfType<RehearsedPart>()];

    /// <summary>The text of a JSON object, written as text or as a map.</summary>
    public string? JsonObject(YamlValue value, string where)
    {
        var json = Json(value, where);
        if (json.StartsWith('{'))
        {
            return json;
        }
        YamlFields.Wrong(errors, value, where, "a JSON object, as text or as a map");
        return null;
    }

    private RehearsedMessage? Message(YamlValue value)
    {
        const string Where = "turns.request.messages";
        if (YamlFields.Of(value, Where, errors, "role", "content") is not { } fields)
        {
            return null;
        }
        fields.Need("content");
        var role = fields.Required("role");
        if (role is not (null or "user" or "assistant"))
        {
            YamlFields.Wrong(errors, fields.Value("role")!, $"{Where}.role", "user or assistant");
        }
        return new(role == "assistant",
            fields.Value("content") is { } content ? Content(content, $"{Where}.content") : []);
    }

    private RehearsedPart? Part(YamlValue value, string where)
    {
        if (value is YamlScalar)
        {
            return new RehearsedSaying(Text(value, where));
        }
        if (value is not YamlMap { Entries: [var (key, said)] })
        {
            YamlFields.Wrong(errors, value, where, PartKinds);
            return null;
        }
        switch (key.Text)
        {
            case "text":
                return new RehearsedSaying(Text(said, $"{where}.text"));
            case "image":
                return Image(said, $"{where}.image");
            case "call":
                return Call(said, $"{where}.call");
            case "result":
                return Result(said, $"{where}.result");
            case "reasoning":
                return Reasoning(said, $"{where}.reasoning");
            default:
                YamlFields.Wrong(errors, key, where, PartKinds);
                return null;
        }
    }

    private RehearsedImage? Image(YamlValue value, string where)
    {
        if (value is YamlScalar)
        {
            return new(Word(value, where));
        }
        return YamlFields.Of(value, where, errors, "media_type", "sha256") is { } fields
            ? new(fields.Required("sha256", 64) ?? "", fields.Required("media_type", NameCharsMax) ?? "")
            : null;
    }

    private RehearsedCall? Call(YamlValue value, string where)
    {
        if (YamlFields.Of(value, where, errors, "id", "name", "arguments") is not { } fields)
        {
            return null;
        }
        var arguments = fields.Value("arguments") is { } given
            ? Json(given, $"{where}.arguments", isLoose: true)
            : "{}";
        return new(fields.Required("id", NameCharsMax) ?? "", fields.Required("name", NameCharsMax) ?? "",
            arguments);
    }

    private RehearsedResult? Result(YamlValue value, string where)
    {
        if (YamlFields.Of(value, where, errors, "of", "content", "is_error") is not { } fields)
        {
            return null;
        }
        fields.Need("content");
        return new(fields.Required("of", NameCharsMax) ?? "",
            fields.Value("content") is { } content ? Content(content, $"{where}.content") : [],
            fields.Flag("is_error"));
    }

    private RehearsedReasoning? Reasoning(YamlValue value, string where)
    {
        if (value is YamlScalar)
        {
            return new(Word(value, where));
        }
        return YamlFields.Of(value, where, errors, "text", "signature", "sealed") is { } fields
            ? new(fields.Required("text", TextCharsMax) ?? "", fields.Text("signature", TextCharsMax),
                fields.Flag("sealed"))
            : null;
    }

    private RehearsedTool? Tool(YamlValue value)
    {
        const string Where = "turns.request.tools";
        return YamlFields.Of(value, Where, errors, "name", "description", "parameters", "strict")
            is { } fields
            ? new(fields.Required("name", NameCharsMax) ?? "", fields.Text("description", TextCharsMax),
                fields.Value("parameters") is { } schema ? Json(schema, $"{Where}.parameters") : "{}",
                fields.Choice("strict"))
            : null;
    }

    private RehearsedChoice? Choice(YamlFields request)
    {
        const string Where = "turns.request.tool_choice";
        var parallel = request.Choice("parallel_tools");
        switch (request.Value("tool_choice"))
        {
            case null:
                return parallel is null ? null : new("auto", Parallel: parallel);
            case YamlScalar word when Choices.Contains(word.Text):
                return new(word.Text, Parallel: parallel);
            case YamlMap map:
                return new("named", YamlFields.Of(map, Where, errors, "name")?.Required("name"), parallel);
            case { } other:
                YamlFields.Wrong(errors, other, Where, "auto, none, any, or the name of a tool: {name: …}");
                return null;
        }
    }

    private RehearsedFormat? Format(YamlFields request)
    {
        const string Where = "turns.request.format";
        if (request.Value("format") is not { } value)
        {
            return null;
        }
        if (value is YamlScalar { Text: "json" })
        {
            return new(null, null);
        }
        return YamlFields.Of(value, Where, errors, "name", "schema", "strict", "description") is { } fields
            ? new(fields.Text("name", NameCharsMax),
                fields.Value("schema") is { } schema ? Json(schema, $"{Where}.schema") : null,
                fields.Choice("strict"), fields.Text("description", TextCharsMax))
            : null;
    }

    /// <summary>A text as a whole, or the beginning and the hash of a long one.</summary>
    private RehearsedText Text(YamlValue value, string where)
    {
        if (value is YamlScalar)
        {
            return new(Word(value, where));
        }
        return YamlFields.Of(value, where, errors, "excerpt", "sha256") is { } fields
            ? new(fields.Required("excerpt", TextCharsMax) ?? "", fields.Required("sha256", 64) ?? "")
            : new("");
    }

    private string Word(YamlValue value, string where)
    {
        if (value is YamlScalar { IsNull: false, Text.Length: <= TextCharsMax } scalar)
        {
            return scalar.Text;
        }
        YamlFields.Wrong(errors, value, where, $"text of at most {TextCharsMax} characters");
        return "";
    }

    // JSON is YAML as well, but a number that went through YAML may be written otherwise
    private string Json(YamlValue value, string where, bool isLoose = false)
    {
        if (value is not YamlScalar { Quoted: true } text)
        {
            return YamlJson.Of(value)?.ToJsonString() ?? "null";
        }
        if (text.Text.Length <= TextCharsMax && (isLoose || IsJson(text.Text)))
        {
            return text.Text;
        }
        YamlFields.Wrong(errors, value, where, $"JSON of at most {TextCharsMax} characters");
        return "null";
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private List<YamlValue> Many(YamlValue? value, string where)
    {
        const int ItemsMax = 1_000;
        if (value is YamlList list && list.Items.Count > ItemsMax)
        {
            YamlFields.Wrong(errors, value, where, $"a list of at most {ItemsMax} entries");
            return [];
        }
        return value switch
        {
            null => [],
            YamlList { Items: var items } => items,
            _ => [value],
        };
    }
}
