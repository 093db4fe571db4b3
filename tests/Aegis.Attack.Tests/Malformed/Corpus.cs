using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Attack.Tests.Malformed;

/// <summary>
/// Reads the cases of a corpus file. A case begins with <c>=== words</c>; what follows is the malformed text
/// with a mark <c>«CODE»</c> right before each place that an error must name: the marks are taken out, and
/// their places are what is expected. In a case with the word <c>escaped</c> in brackets, <c>\r \t \uXXXX</c>
/// and <c>\xNN</c> (a raw byte) are read; <c>\\</c> is a backslash. <c>#*N TEXT</c> alone on a line stands
/// for the text, N times over; <c>⟨N×TEXT⟩</c> does so within a line; <c>#S</c> is a list of one sound step.
/// The last
/// line of a case has no end where its words hold <c>unended</c> in brackets.
/// </summary>
internal static partial class Corpus
{
    // raw bytes travel through text as characters of a private range
    private const char RawFirst = '\uF700';

    public static IEnumerable<MalformedCase> Read(string name)
    {
        using var reader = new StreamReader(
            Assembly.GetExecutingAssembly().GetManifestResourceStream($"malformed.{name}")!);
        var parts = Regex.Split("\n" + reader.ReadToEnd(), "\n=== ");
        return parts.Skip(1).Select((part, i) => Case(part, name, i));
    }

    private static MalformedCase Case(string part, string file, int number)
    {
        var end = part.IndexOf('\n', StringComparison.Ordinal);
        var (title, text) = (part[..end], part[(end + 1)..] + "\n");
        if (title.Contains("(unended)", StringComparison.Ordinal))
        {
            text = text[..^1];
        }
        text = text.Replace("#S\n", "steps:\n- {id: a, uses: flow.noop}\n", StringComparison.Ordinal);
        text = Repeats().Replace(text, m => string.Concat(Enumerable.Repeat(
            m.Groups[2].Value + "\n", int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))));
        text = Inline().Replace(text, m => string.Concat(Enumerable.Repeat(
            m.Groups[2].Value, int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))));
        if (title.Contains("(escaped)", StringComparison.Ordinal))
        {
            text = Unescaped(text);
        }
        var expected = new List<Expectation>();
        var clean = new StringBuilder();
        var at = 0;
        foreach (Match mark in Mark().Matches(text))
        {
            clean.Append(text, at, mark.Index - at);
            at = mark.Index + mark.Length;
            var (line, column) = PlaceOf(clean.ToString());
            expected.Add(new Expectation(mark.Groups[1].Value, line, column));
        }
        clean.Append(text, at, text.Length - at);
        return new MalformedCase($"{file} {number + 1}: {title}", Bytes(clean.ToString()), expected);
    }

    // lines end with LF, CR or CRLF; columns count UTF-16 units from 1; a byte order mark counts nothing
    private static (int Line, int Column) PlaceOf(string before)
    {
        before = before.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal)
            .Replace('\r', '\n');
        return (before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    private static string Unescaped(string text) => Escape().Replace(text, m => m.Value[1] switch
    {
        'r' => "\r",
        't' => "\t",
        'n' => "\n",
        '0' => "\0",
        'u' => ((char)Hex(m)).ToString(),
        'x' => ((char)(RawFirst + Hex(m))).ToString(),
        _ => "\\",
    });

    private static int Hex(Match match) =>
        int.Parse(match.Value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static byte[] Bytes(string text)
    {
        using var bytes = new MemoryStream();
        foreach (var run in Runs().Matches(text).Select(m => m.Value))
        {
            if (run[0] is >= RawFirst and <= (char)(RawFirst + 0xFF))
            {
                bytes.WriteByte((byte)(run[0] - RawFirst));
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes(run));
            }
        }
        return bytes.ToArray();
    }

    [GeneratedRegex("«(AEGIS\\d{4})»")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^#\*(\d+) (.*)\n", RegexOptions.Multiline)]
    private static partial Regex Repeats();

    [GeneratedRegex(@"⟨(\d+)×([^⟩]*)⟩")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[rtn0\\])")]
    private static partial Regex Escape();

    [GeneratedRegex("[\uF700-\uF7FF]|[^\uF700-\uF7FF]+")]
    private static partial Regex Runs();
}

internal sealed record MalformedCase(string Name, byte[] Text, IReadOnlyList<Expectation> Expected)
{
    public override string ToString() => Name;
}

/// <summary>A code at a place; lines and columns count from 1.</summary>
internal sealed record Expectation(string Code, int Line, int Column);
