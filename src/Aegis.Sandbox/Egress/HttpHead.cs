using System.Collections.Immutable;
using System.Text;

namespace Aegis.Sandbox.Egress;

/// <summary>A line of a head as it was read; bytes above ASCII as Latin-1, so that they go on
/// unchanged.</summary>
internal sealed record HeadField(string Name, string Value)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The first line and the headers of a message, read in one way only: what another reader might
/// take for two lines, or for another header, is refused.</summary>
internal sealed record HttpHead(string Start, ImmutableArray<HeadField> Fields)
{
    public const int BytesMax = 32 * 1024;
    public const int FieldsMax = 100;

    /// <param name="bytes">With the empty line at its end.</param>
    /// <param name="malformed">What is thrown for a head that is none.</param>
    public static HttpHead Parse(ReadOnlySpan<byte> bytes,
        Func<string, string, EgressRefusedException> malformed)
    {
        var lines = Encoding.Latin1.GetString(bytes[..^4]).Split("\r\n");
        if (lines.Any(line => line.Any(IsControl)))
        {
            throw malformed("a control character",
                "lines that end in CR LF, without other control characters");
        }
        if (lines.Length - 1 > FieldsMax)
        {
            throw EgressErrors.HeadTooLarge("the number of headers", $"at most {FieldsMax}");
        }
        return new HttpHead(lines[0], [.. lines.Skip(1).Select(line => Field(line, malformed))]);
    }

    public IEnumerable<string> Values(string name) => Fields.Where(f => f.Is(name)).Select(f => f.Value);

    /// <summary>The members of a header that is a list (Connection, Transfer-Encoding).</summary>
    public ImmutableArray<string> Members(string name) =>
    [
        .. Values(name).SelectMany(value => value.Split(',')).Select(member => member.Trim(' ', '\t'))
            .Where(member => member.Length > 0),
    ];

    public static bool IsToken(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    private static HeadField Field(string line, Func<string, string, EgressRefusedException> malformed)
    {
        if (line.StartsWith(' ') || line.StartsWith('\t'))
        {
            throw malformed("a folded header", "each header on one line");
        }
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IsToken(line[..colon]))
        {
            throw malformed("a header's name", "a token, and a colon at once after it");
        }
        return new HeadField(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    }

    private static bool IsControl(char c) => (c < ' ' && c != '\t') || c == '\x7f';
}
