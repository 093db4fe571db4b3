using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Aegis.Core.Errors;

/// <summary>What a strict reader of JSON objected to, in words of JSON instead of those of our types: for
/// bodies of doors and inputs of tools alike.</summary>
/// <param name="Place">Null where the text is no JSON at all.</param>
/// <param name="Line">From 1, in the text that was read; null where a value was read and no text.</param>
public sealed partial record BindingFault(string Message, string? Expected, string? Got, string? Mend,
    ErrorPlace? Place, int? Line, int? Column)
{
    public static BindingFault Of(JsonException e, JsonTypeInfo type)
    {
        var pointer = PointerOf(e.Path);
        var fault = new BindingFault("this is not JSON", "a JSON object", null, null, null,
            (int?)(e.LineNumber + 1), (int?)(e.BytePositionInLine + 1));
        var quoted = Quoted().Match(e.Message).Groups[1].Value;
        if (e.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return Unknown(fault, pointer, quoted, type);
        }
        if (e.Message.Contains("uplicate propert", StringComparison.Ordinal))
        {
            return fault with
            {
                Message = $"the member {quoted} stands twice",
                Expected = "each member once",
                Place = new ErrorPlace(Named(pointer, quoted), AtName: true),
            };
        }
        if (e.Message.Contains("missing required", StringComparison.Ordinal))
        {
            var missing = Required().Matches(e.Message).Select(m => m.Groups[1].Value).ToList();
            var words = string.Join(" and ", missing);
            return fault with
            {
                Message = missing.Count == 1 ? $"the member {words} is missing"
                    : $"the members {words} are missing",
                Expected = words,
                Place = new ErrorPlace(pointer),
            };
        }
        // the reader says the same of a text where a number belongs
        if (e.InnerException is InvalidOperationException reader
            && reader.Message.Contains("UTF-16", StringComparison.Ordinal))
        {
            // the reader's word for half of a surrogate pair, which no text can hold
            return fault with
            {
                Message = $"{ShownOf(pointer)} holds half of a surrogate pair",
                Expected = "well-formed text",
                Place = new ErrorPlace(pointer),
            };
        }
        return e.Path is null || IsSyntax(e)
            ? fault with { Got = "text that breaks JSON's grammar" }
            : fault with
            {
                Message = pointer.Length == 0 ? "the value has the wrong type"
                    : $"{ShownOf(pointer)} has the wrong type",
                Expected = KindOf(At(type, pointer)),
                Place = new ErrorPlace(pointer),
            };
    }

    private static BindingFault Unknown(BindingFault fault, string pointer, string name, JsonTypeInfo root)
    {
        var above = pointer.EndsWith(ErrorPlace.Step(name), StringComparison.Ordinal)
            ? pointer[..^ErrorPlace.Step(name).Length]
            : pointer;
        var members = At(root, above)?.Properties.Select(p => p.Name).ToList() ?? [];
        var near = NearestName.Of(name, members);
        return fault with
        {
            Message = $"unknown member {Shown(name)}",
            Expected = members.Count == 0 ? "no members" : string.Join(", ", members),
            Got = Shown(name),
            Mend = near is null ? null : $"did you mean {near}?",
            Place = new ErrorPlace(above + ErrorPlace.Step(name), AtName: true),
        };
    }

    /// <summary>The type behind a pointer; null where it leads through something that is not known.</summary>
    private static JsonTypeInfo? At(JsonTypeInfo root, string pointer)
    {
        var type = root;
        foreach (var step in ErrorPlace.Steps(pointer))
        {
            var next = type.Kind == JsonTypeInfoKind.Object
                ? type.Properties.FirstOrDefault(p => p.Name == step)?.PropertyType
                : type.ElementType;
            if (next is null || !type.Options.TryGetTypeInfo(next, out var found))
            {
                return null;
            }
            type = found;
        }
        return type;
    }

    private static string? KindOf(JsonTypeInfo? info)
    {
        if (info is null)
        {
            return null;
        }
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        return type == typeof(string) ? "text"
            : type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? "a duration: milliseconds, or text such as 15m, 2h30m, 500ms"
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(
                JsonNamingPolicy.SnakeCaseLower.ConvertName))
            : type == typeof(int) || type == typeof(long) ? "an integer"
            : type == typeof(double) || type == typeof(decimal) ? "a number"
            : info.Kind switch
            {
                JsonTypeInfoKind.Object => "an object",
                JsonTypeInfoKind.Dictionary => "an object of names and values",
                JsonTypeInfoKind.Enumerable => "an array",
                _ => null,
            };
    }

    private static bool IsSyntax(JsonException e) => e.InnerException is JsonException
        || e.InnerException?.GetType().Name == "JsonReaderException";

    private static string Named(string pointer, string name) =>
        pointer.EndsWith(ErrorPlace.Step(name), StringComparison.Ordinal) ? pointer
            : pointer + ErrorPlace.Step(name);

    // the reader writes paths as $.a[0]['b.c']
    private static string PointerOf(string? path) => string.Concat(PathStep().Matches(path ?? "").Select(
        m => ErrorPlace.Step(m.Groups["name"].Success ? m.Groups["name"].Value : m.Groups["other"].Value)));

    private static string ShownOf(string pointer) => Shown(string.Join('.', ErrorPlace.Steps(pointer)));

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<=: |, )'([^']*)'")]
    private static partial Regex Required();

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>.*?)'\]|\[(?<other>\d+)\]")]
    private static partial Regex PathStep();
}
