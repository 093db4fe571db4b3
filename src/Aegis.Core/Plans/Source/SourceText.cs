using System.Buffers;
using System.Text;

namespace Aegis.Core.Plans.Source;

/// <summary>A file's text, and the place of a character inside a scalar of it.</summary>
internal sealed class SourceText
{
    public const int BytesMax = 1 << 20;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly string[] lines;

    private SourceText(string text)
    {
        Text = text;
        lines = text.Split('\n');
    }

    public string Text { get; }

    /// <summary>Null where the bytes are too many or no text; the list says why.</summary>
    public static SourceText? Read(ReadOnlyMemory<byte> source, DiagnosticList diagnostics)
    {
        if (source.Length > BytesMax)
        {
            diagnostics.Add(1, 1, "AEGIS1001", "the file is too large", $"at most {BytesMax} bytes",
                $"{source.Length} bytes", "move long texts into files of the repository");
            return null;
        }
        string text;
        try
        {
            text = Strict.GetString(source.Span);
        }
        catch (DecoderFallbackException e)
        {
            var (line, column) = PlaceOf(Encoding.UTF8.GetString(source.Span[..Math.Max(0, e.Index)]),
                int.MaxValue);
            diagnostics.Add(line, column, "AEGIS1002", "the file is not UTF-8", "UTF-8 text",
                $"byte {e.Index} begins no character");
            return null;
        }
        text = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        // YamlDotNet takes a zero character for the end of the file and would drop the rest in silence
        var bad = text.AsSpan().IndexOfAny(Unprintable);
        if (bad >= 0)
        {
            var (line, column) = PlaceOf(text, bad);
            diagnostics.Add(line, column, "AEGIS1002", "the file holds a control character", "printable text",
                $"U+{(int)text[bad]:X4}", "in a double-quoted string, write \\xNN or \\uNNNN");
            return null;
        }
        return new SourceText(text);
    }

    private static readonly SearchValues<char> Unprintable = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(c => c is not ('\t' or '\n')).Select(c => (char)c),
            '\u007F', '\uFFFE', '\uFFFF', '\uFEFF', .. LineBreaks]);

    // YAML 1.1 took these for ends of lines, and so does YamlDotNet: behind one, a comment would become a key
    // that nobody sees
    private static ReadOnlySpan<char> LineBreaks => ['\u0085', '\u2028', '\u2029'];

    /// <summary>Where the character of a scalar's value stands in the file; the scalar's own place where
    /// that cannot be said.</summary>
    public (int Line, int Column) PlaceIn(ScalarNode scalar, int offset) =>
        new ScalarWalk(lines, scalar).To(offset) ?? (scalar.Line, scalar.Column);

    private static (int Line, int Column) PlaceOf(string text, int offset)
    {
        var before = text.AsSpan(0, Math.Min(offset, text.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
