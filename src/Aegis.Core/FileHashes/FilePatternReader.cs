using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.FileHashes;

/// <summary>Reads one line of the arguments of <c>hashFiles()</c>.</summary>
internal static class FilePatternReader
{
    public static (FilePattern? Pattern, AegisError? Error) Read(string line, string[] root)
    {
        if (line.Length > FilePatterns.PatternLengthMax)
        {
            return (null, Refused("a pattern of hashFiles() is too long",
                $"at most {FilePatterns.PatternLengthMax} characters", $"{line.Length}"));
        }
        var text = line;
        var isExclusion = false;
        while (text.StartsWith('!'))
        {
            isExclusion = !isExclusion;
            text = text[1..].Trim();
        }
        if (text.Length == 0)
        {
            return (null, Refused("a pattern of hashFiles() is empty", "a path behind the !", line));
        }
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var segments = parts.Select(GlobSegment.Parse).ToList();
        var dots = segments.FindIndex(s => s.Literal is "..");
        var dot = segments.FindLastIndex(s => s.Literal is ".");
        if (dots >= 0 || dot > 0 || (dot == 0 && text[0] == '/'))
        {
            return (null, Refused("a pattern of hashFiles() leads over . or ..",
                "a path below the workspace", line));
        }
        // a path from the root of all, or from a home, chooses only what happens to lie in the workspace
        var isFromRoot = text[0] == '/' || parts[0] == "~";
        IEnumerable<GlobSegment> start = isFromRoot ? [] : root.Select(GlobSegment.OfName);
        var isFromHere = !isFromRoot && parts[0] == ".";
        return (new FilePattern(isExclusion, text.EndsWith('/'),
            [.. start, .. segments.Skip(isFromHere ? 1 : 0)]), null);
    }

    private static AegisError Refused(string message, string expected, string got) =>
        new("AEGIS1097", message, expected, got.Length <= 80 ? got : got[..80] + "…");
}
