using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Policy.Rules;

/// <summary>What a member of an input must look like: one of some texts, in which <c>*</c> stands for any
/// characters. Numbers and booleans are compared as they are written; of a list any item may fit. The empty
/// text stands for a member that is left out.</summary>
/// <param name="Path">Names with dots between them.</param>
public sealed record MemberMatch(string Path, ImmutableArray<string> Patterns)
{
    public bool Fits(JsonElement input)
    {
        var value = input;
        foreach (var name in Path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return Patterns.Contains("");
            }
        }
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Any(One) : One(value);
    }

    private bool One(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null => "",
            _ => value.GetRawText(),
        };
        return Patterns.Any(p => Glob(p, text));
    }

    /// <summary>Goes back to the last star only, so the time is bounded by both lengths.</summary>
    internal static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, t);
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }
        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
