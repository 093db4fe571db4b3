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
        var url = Uri.EscapeDataString(secret);
        forms.Add(url);
        forms.Add(LowerEscapes(url));
        forms.Add(WebUtility.UrlEncode(secret));
        forms.Add(LowerEscapes(WebUtility.UrlEncode(secret)));
        forms.Add(JavaScriptEncoder.Default.Encode(secret));
        forms.Add(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret));
        forms.Add(secret.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("/", "\\/", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal));
        forms.Add(WebUtility.HtmlEncode(secret));
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

    private static string LowerEscapes(string url)
    {
        var text = new StringBuilder(url);
        for (var i = 0; i + 2 < text.Length; i++)
        {
            if (text[i] == '%')
            {
                text[i + 1] = char.ToLower(text[i + 1], CultureInfo.InvariantCulture);
                text[i + 2] = char.ToLower(text[i + 2], CultureInfo.InvariantCulture);
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
