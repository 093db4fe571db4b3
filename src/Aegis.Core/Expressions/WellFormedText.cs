using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Aegis.Core.Expressions;

/// <summary>Half of a surrogate pair is no text: JSON writers, PostgreSQL and hashes each treat it
/// differently, so it is stopped where it could come in.</summary>
internal static class WellFormedText
{
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var surrogate = text.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (surrogate < 0)
            {
                return true;
            }
            text = text[surrogate..];
            if (Rune.DecodeFromUtf16(text, out _, out var used) != OperationStatus.Done)
            {
                return false;
            }
            text = text[used..];
        }
        return true;
    }

    public static string Mended(string text)
    {
        if (IsValid(text))
        {
            return text;
        }
        var mended = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            mended.Append(rune.ToString());
        }
        return mended.ToString();
    }

    /// <summary>Looks through a whole JSON value, names included.</summary>
    public static bool IsValid(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => TryGetText(json, out _),
        JsonValueKind.Array => json.EnumerateArray().All(IsValid),
        JsonValueKind.Object => json.EnumerateObject().All(m => TryGetName(m, out _) && IsValid(m.Value)),
        _ => true,
    };

    // System.Text.Json has no way to ask: it throws for an escaped half pair
    public static bool TryGetText(JsonElement json, out string text)
    {
        try
        {
            text = json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    public static bool TryGetName(JsonProperty member, out string name)
    {
        try
        {
            name = member.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = "";
            return false;
        }
    }
}
