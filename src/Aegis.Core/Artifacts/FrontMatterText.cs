using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Artifacts;

/// <summary>Where the front matter of a file ends: it stands between a first line <c>---</c> and the next one
/// like it. A file that begins otherwise has none.</summary>
internal static class FrontMatterText
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The members with their places, or null where there are none; Body is where the body
    /// begins.</summary>
    public static (MappingNode? Members, int Body) Read(ReadOnlyMemory<byte> file, DiagnosticList found)
    {
        var start = file.Span.StartsWith(Mark) ? Mark.Length : 0;
        if (LineAt(file.Span, start) is not { IsFence: true } first)
        {
            return (null, 0);
        }
        for (var at = first.End; at < file.Length;)
        {
            var line = LineAt(file.Span, at);
            if (line.End - start > ArtifactLimits.HeaderBytesMax)
            {
                found.Add(1, 1, "AEGIS1166", "the front matter is too long",
                    $"at most {ArtifactLimits.HeaderBytesMax} bytes up to the closing ---",
                    null, "move long texts into the body");
                return (null, 0);
            }
            if (line.IsFence)
            {
                return (Members(file[start..at], found), line.End);
            }
            at = line.End;
        }
        found.Add(1, 1, "AEGIS1160", "the front matter is not closed", "a second line ---", null,
            "close it, or begin the file with an empty line where --- is a rule of the text");
        return (null, 0);
    }

    private static MappingNode? Members(ReadOnlyMemory<byte> header, DiagnosticList found)
    {
        // the first --- stays, as the document's own mark, so that lines count from the file's first
        if (SourceText.Read(header, found) is not { } text
            || new SourceReader(found).Read(text.Text) is not { } root)
        {
            return null;
        }
        if (root is MappingNode map)
        {
            return map;
        }
        if (root is not ScalarNode { IsNull: true })
        {
            found.Add(root, "AEGIS1161", "the front matter is no map", "lines of name: value",
                root.KindShown);
        }
        return null;
    }

    private static (bool IsFence, int End) LineAt(ReadOnlySpan<byte> file, int at)
    {
        var rest = file[at..];
        var feed = rest.IndexOf((byte)'\n');
        var line = feed < 0 ? rest : rest[..feed];
        var isFence = line.SequenceEqual("---"u8) || line.SequenceEqual("---\r"u8);
        return (isFence, at + (feed < 0 ? rest.Length : feed + 1));
    }
}
