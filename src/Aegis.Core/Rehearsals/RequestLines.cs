using System.Globalization;
using System.Text.Json;

namespace Aegis.Core.Rehearsals;

/// <summary>One thing that a request says, and where.</summary>
internal readonly record struct RequestLine(string Place, RehearsedText Text, bool IsJson = false)
{
    public bool Fits(RequestLine actual) => Place == actual.Place
        && (Text.Fits(actual.Text.Text) || (IsJson && IsSameJson(Text.Text, actual.Text.Text)));

    // the order of members and the space between them say nothing
    private static bool IsSameJson(string one, string other)
    {
        try
        {
            using var first = JsonDocument.Parse(one);
            using var second = JsonDocument.Parse(other);
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A request as a list of what it says, in order, so that the first difference has a
/// place.</summary>
internal static class RequestLines
{
    public static List<RequestLine> Of(RehearsedRequest request)
    {
        var lines = new List<RequestLine>();
        for (var i = 0; i < request.System.Length; i++)
        {
            lines.Add(new($"system[{i}]", request.System[i]));
        }
        for (var i = 0; i < request.Messages.Length; i++)
        {
            var message = request.Messages[i];
            Add(lines, $"messages[{i}].role", message.IsAssistant ? "assistant" : "user");
            Parts(lines, $"messages[{i}].content", message.Parts);
        }
        for (var i = 0; i < request.Tools.Length; i++)
        {
            Tool(lines, $"tools[{i}]", request.Tools[i]);
        }
        Manner(lines, request);
        foreach (var (name, json) in request.Rest)
        {
            lines.Add(new($"rest.{name}", new(json), IsJson: true));
        }
        if (request.Body is { } body)
        {
            Body(lines, body);
        }
        return lines;
    }

    private static void Parts(List<RequestLine> lines, string place, IEnumerable<RehearsedPart> parts)
    {
        var count = 0;
        foreach (var part in parts)
        {
            Part(lines, $"{place}[{count++}]", part);
        }
    }

    private static void Part(List<RequestLine> lines, string place, RehearsedPart part)
    {
        switch (part)
        {
            case RehearsedSaying saying:
                lines.Add(new($"{place}.text", saying.Text));
                break;
            case RehearsedImage image:
                Add(lines, $"{place}.image", image.MediaType is null ? image.Source
                    : $"{image.MediaType} {image.Source}");
                break;
            case RehearsedCall call:
                Add(lines, $"{place}.call.id", call.Id);
                Add(lines, $"{place}.call.name", call.Name);
                lines.Add(new($"{place}.call.arguments", new(call.Arguments), IsJson: true));
                break;
            case RehearsedResult result:
                Add(lines, $"{place}.result.of", result.Of);
                Parts(lines, $"{place}.result.content", result.Content);
                AddIf(lines, $"{place}.result.is_error", result.IsError ? "true" : null);
                break;
            case RehearsedReasoning reasoning:
                Add(lines, $"{place}.reasoning", reasoning.Text);
                AddIf(lines, $"{place}.reasoning.signature", reasoning.Signature);
                break;
        }
    }

    private static void Tool(List<RequestLine> lines, string place, RehearsedTool tool)
    {
        Add(lines, $"{place}.name", tool.Name);
        AddIf(lines, $"{place}.description", tool.Description);
        lines.Add(new($"{place}.parameters", new(tool.Parameters), IsJson: true));
        AddIf(lines, $"{place}.strict", Flag(tool.Strict));
    }

    private static void Manner(List<RequestLine> lines, RehearsedRequest request)
    {
        if (request.ToolChoice is { } choice)
        {
            Add(lines, "tool_choice", choice.Name ?? choice.Kind);
            AddIf(lines, "tool_choice.parallel", Flag(choice.Parallel));
        }
        if (request.Format is { } format)
        {
            Add(lines, "format", format.Name ?? "json");
            AddIf(lines, "format.description", format.Description);
            AddIf(lines, "format.strict", Flag(format.Strict));
            if (format.Schema is { } schema)
            {
                lines.Add(new("format.schema", new(schema), IsJson: true));
            }
        }
        for (var i = 0; i < request.Stop.Length; i++)
        {
            Add(lines, $"stop[{i}]", request.Stop[i]);
        }
        AddIf(lines, "temperature", request.Temperature?.ToString(CultureInfo.InvariantCulture));
        AddIf(lines, "top_p", request.TopP?.ToString(CultureInfo.InvariantCulture));
        AddIf(lines, "max_tokens", request.MaxTokens?.ToString(CultureInfo.InvariantCulture));
    }

    private static void Body(List<RequestLine> lines, string json)
    {
        using var body = JsonDocument.Parse(json);
        foreach (var member in body.RootElement.EnumerateObject().OrderBy(member => member.Name,
            StringComparer.Ordinal))
        {
            if (member.Value.ValueKind == JsonValueKind.Array)
            {
                var count = 0;
                foreach (var item in member.Value.EnumerateArray())
                {
                    lines.Add(new($"{member.Name}[{count++}]", new(item.GetRawText()), IsJson: true));
                }
                continue;
            }
            lines.Add(new(member.Name, new(member.Value.GetRawText()), IsJson: true));
        }
    }

    private static string? Flag(bool? flag) => flag is { } known ? known ? "true" : "false" : null;

    private static void Add(List<RequestLine> lines, string place, string text) =>
        lines.Add(new(place, new(text)));

    private static void AddIf(List<RequestLine> lines, string place, string? text)
    {
        if (text is not null)
        {
            Add(lines, place, text);
        }
    }
}
