using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aegis.Core.Agents;

/// <summary>A long text by its beginning and its end, with its length and hash in between, so that two texts
/// that differ in the middle are told apart.</summary>
public static class CutText
{
    /// <summary>What says how much is left out.</summary>
    private const int MarkChars = 120;

    /// <summary>At most that many characters; the text itself where it has no more.</summary>
    public static string Of(string text, int charsMax)
    {
        if (text.Length <= charsMax)
        {
            return text;
        }
        var kept = Math.Max(0, charsMax - MarkChars);
        var (head, tail) = (kept * 2 / 3, kept - (kept * 2 / 3));
        head = Whole(text, head, -1);
        tail = text.Length - Whole(text, text.Length - tail, 1);
        var mark = string.Create(CultureInfo.InvariantCulture, $"\n[… {text.Length - head - tail} of "
            + $"{text.Length} characters left out, sha256 {Hash(text)} …]\n");
        return string.Concat(text.AsSpan(0, head), mark, text.AsSpan(text.Length - tail));
    }

    /// <summary>The same of JSON text, which stays a JSON object.</summary>
    public static string OfJson(string json, int charsMax)
    {
        if (json.Length <= charsMax)
        {
            return json;
        }
        // quotes are escaped in a string, which takes up to twice the room
        var cut = Of(json, Math.Max(MarkChars, charsMax / 2));
        return $"{{\"cut\":\"{JsonEncodedText.Encode(cut, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"}}";
    }

    /// <summary>16 hexadecimal digits: enough to tell texts of one conversation apart.</summary>
    public static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    // no half of a surrogate pair stays
    private static int Whole(string text, int at, int step) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at + step : at;
}
