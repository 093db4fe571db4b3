using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aegis.Models.Protocols.Json;

/// <summary>Finds what a byte of a body belongs to, such as <c>messages[3].content</c>.</summary>
internal static class JsonPlace
{
    private const int NameCharsMax = 64;

    public static string At(ReadOnlySpan<byte> json, int offset)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ProtocolLimits.DepthMax });
        var steps = new Stack<Step>();
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= offset)
            {
                Take(ref reader, steps);
                if (reader.TokenStartIndex == offset)
                {
                    break;
                }
            }
        }
        catch (JsonException)
        {
            // up to here the place is known
        }
        return Said(steps);
    }

    /// <summary>The place of a break.</summary>
    public static string Of(ReadOnlySpan<byte> json, JsonException broken)
    {
        var line = broken.LineNumber ?? 0;
        var offset = 0;
        for (; line > 0 && json[offset..].IndexOf((byte)'\n') is >= 0 and var length; line--)
        {
            offset += length + 1;
        }
        return At(json, offset + (int)(broken.BytePositionInLine ?? 0));
    }

    private static void Take(ref Utf8JsonReader reader, Stack<Step> steps)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                steps.Peek().Name = Encoding.UTF8.GetString(reader.ValueSpan);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Count(steps);
                steps.Push(new Step { IsArray = reader.TokenType == JsonTokenType.StartArray });
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                steps.Pop();
                break;
            default:
                Count(steps);
                break;
        }
    }

    private static void Count(Stack<Step> steps)
    {
        if (steps.TryPeek(out var top) && top.IsArray)
        {
            top.Index++;
        }
    }

    private static string Said(Stack<Step> steps)
    {
        var place = new StringBuilder();
        foreach (var step in steps.Reverse())
        {
            if (step.IsArray && step.Index >= 0)
            {
                place.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            }
            else if (step.Name is { } name)
            {
                place.Append(place.Length == 0 ? "" : ".")
                    .Append(name.Length > NameCharsMax ? name[..NameCharsMax] + "…" : name);
            }
        }
        return place.Length == 0 ? "the body" : place.ToString();
    }

    private sealed class Step
    {
        public bool IsArray { get; init; }

        public int Index { get; set; } = -1;

        public string? Name { get; set; }
    }
}
