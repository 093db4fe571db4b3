using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Aegis.Gate.Redaction;

/// <summary>The byte strings under which one secret may turn up in an output: as it is, its lines, and
/// encoded as base64 (three alignments, two alphabets, wrapped lines), hex, URL, form, JSON, and XML
/// text.</summary>
internal static class SecretForms
{
    /// <summary>A form longer than this is matched as consecutive pieces, so that the matcher holds back no
    /// more than this of a stream. Adjacent masks join, so the whole is still one mask.</summary>
    public const int PieceBytesMax = 1024;

    public static IEnumerable<byte[]> Of(string secret)
    {
        var forms = new HashSet<string>(StringComparer.Ordinal);
        AddForms(forms, secret);
        foreach (var line in secret.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (SecretStrength.IsMaskable(line))
            {
                AddForms(forms, line);
            }
        }
        return forms.Select(Encoding.UTF8.GetBytes).SelectMany(Pieces);
    }

    private static void AddForms(HashSet<string> forms, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        forms.Add(secret);
        forms.Add(Convert.ToHexString(bytes));
        forms.Add(Convert.ToHexStringLower(bytes));
        AddBase64(forms, bytes);
        AddUrl(forms, secret);
        AddJson(forms, secret);
        var xml = WebUtility.HtmlEncode(secret);
        forms.Add(xml);
        forms.Add(xml.Replace("&#39;", "&apos;", StringComparison.Ordinal));
        forms.Add(xml.Replace("&#39;", "&#x27;", StringComparison.Ordinal));
    }

    // Encoders differ in what they leave as it is: RFC 3986, JavaScript's encodeURIComponent and encodeURI,
    // Python's quote; in the form of a space; and in the case of their digits.
    private static void AddUrl(HashSet<string> forms, string secret)
    {
        foreach (var left in (ReadOnlySpan<string>)["", "!'()*", "!()*", "/", "!'()*;,/?:@&=+$#"])
        {
            var text = new StringBuilder(Uri.EscapeDataString(secret));
            foreach (var c in left)
            {
                text.Replace(Uri.HexEscape(c), c.ToString());
            }
            var url = text.ToString();
            var form = url.Replace("%20", "+", StringComparison.Ordinal);
            forms.Add(url);
            forms.Add(LowerDigits(url, '%', 2));
            forms.Add(form);
            forms.Add(LowerDigits(form, '%', 2));
        }
    }

    // with slashes escaped or not, other alphabets as they are or as \u, and that in both cases of digits
    private static void AddJson(HashSet<string> forms, string secret)
    {
        var relaxed = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        foreach (var text in (ReadOnlySpan<string>)
            [JavaScriptEncoder.Default.Encode(secret), relaxed, AsciiJson(relaxed)])
        {
            AddBothCases(forms, text);
            AddBothCases(forms, text.Replace("/", "\\/", StringComparison.Ordinal));
        }
    }

    private static void AddBothCases(HashSet<string> forms, string json)
    {
        forms.Add(json);
        forms.Add(LowerDigits(json, 'u', 4));
    }

    private static string AsciiJson(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            _ = c < 128 ? text.Append(c)
                : text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }
        return text.ToString();
    }

    // A secret inside a longer text lands on one of three alignments of base64. Of each, only the characters
    // that depend on nothing but the secret are matched; up to 4 bits at each end are shared with a
    // neighbour.
    private static void AddBase64(HashSet<string> forms, byte[] secret)
    {
        for (var before = 0; before < 3; before++)
        {
            var padded = new byte[before + secret.Length];
            secret.CopyTo(padded, before);
            var text = Convert.ToBase64String(padded);
            var first = (before * 8 + 5) / 6;
            var end = padded.Length * 8 / 6;
            AddBothAlphabets(forms, text[first..end]);
        }
        var whole = Convert.ToBase64String(secret).TrimEnd('=');
        AddWrapped(forms, whole, 76);
        AddWrapped(forms, whole, 64);
    }

    private static void AddWrapped(HashSet<string> forms, string text, int columns)
    {
        for (var at = 0; text.Length > columns && at < text.Length; at += columns)
        {
            var line = text[at..Math.Min(text.Length, at + columns)];
            if (SecretStrength.IsMaskable(line))
            {
                AddBothAlphabets(forms, line);
            }
        }
    }

    private static void AddBothAlphabets(HashSet<string> forms, string text)
    {
        forms.Add(text);
        forms.Add(text.Replace('+', '-').Replace('/', '_'));
    }

    /// <summary>The hex digits behind every escape in lower case. Of JSON, <c>u</c> is one only behind a
    /// backslash.</summary>
    private static string LowerDigits(string escaped, char mark, int digits)
    {
        var text = new StringBuilder(escaped);
        for (var i = 0; i + digits < text.Length; i++)
        {
            if (text[i] != mark || (mark == 'u' && (i == 0 || text[i - 1] != '\\')))
            {
                continue;
            }
            for (var n = 1; n <= digits; n++)
            {
                text[i + n] = char.ToLower(text[i + n], CultureInfo.InvariantCulture);
            }
        }
        return text.ToString();
    }

    private static IEnumerable<byte[]> Pieces(byte[] form)
    {
        if (form.Length <= PieceBytesMax)
        {
            yield return form;
            yield break;
        }
        for (var at = 0; at < form.Length; at += PieceBytesMax)
        {
            // the last piece reaches back, so that no piece is too short to be told from ordinary text
            var start = Math.Min(at, form.Length - PieceBytesMax);
            yield return form[start..(start + PieceBytesMax)];
        }
    }
}
