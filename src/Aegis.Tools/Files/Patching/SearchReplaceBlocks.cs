using System.Collections.Immutable;

namespace Aegis.Tools.Files.Patching;

/// <summary>Blocks of the form <c>path</c>, <c>&lt;&lt;&lt;&lt;&lt;&lt;&lt; SEARCH</c>, old lines,
/// <c>=======</c>, new lines,
/// <c>&gt;&gt;&gt;&gt;&gt;&gt;&gt; REPLACE</c>. A block without a path of its own belongs to the path before
/// it; an empty search creates the file. Blocks of one file apply in the order written.</summary>
internal static class SearchReplaceBlocks
{
    public const string Open = "<<<<<<< SEARCH";
    private const string Middle = "=======";
    private const string Close = ">>>>>>> REPLACE";
    private const string Form =
        "a block is: path, <<<<<<< SEARCH, old lines, =======, new lines, >>>>>>> REPLACE";

    public static ParsedPatch Parse(string text)
    {
        var lines = PatchText.Lines(text);
        var order = new List<string>();
        var blocks = new Dictionary<string, List<Hunk>>();
        string? path = null;
        var at = 0;
        while (at < lines.Length)
        {
            var line = lines[at].TrimEnd();
            if (line != Open)
            {
                path = PathOf(line) ?? path;
                at++;
                continue;
            }
            if (path is null)
            {
                return ParsedPatch.Wrong(at + 1, "a block without a path before it", Form);
            }
            if (!TryReadBlock(lines, ref at, out var hunk, out var wrong))
            {
                return wrong!;
            }
            if (!blocks.TryGetValue(path, out var ofPath))
            {
                order.Add(path);
                blocks.Add(path, ofPath = []);
            }
            ofPath.Add(hunk!);
        }
        return new ParsedPatch([.. order.Select(p => Edit(p, blocks[p]))], null);
    }

    private static bool TryReadBlock(ImmutableArray<string> lines, ref int at, out Hunk? hunk,
        out ParsedPatch? wrong)
    {
        hunk = null;
        var opened = at + 1;
        var parts = ImmutableArray.CreateBuilder<HunkLine>();
        var kind = HunkLineKind.Removed;
        for (at++; at < lines.Length; at++)
        {
            var line = lines[at].TrimEnd('\r');
            if (line == Open)
            {
                break;
            }
            if (line == Middle && kind == HunkLineKind.Removed)
            {
                kind = HunkLineKind.Added;
            }
            else if (line == Close && kind == HunkLineKind.Added)
            {
                at++;
                hunk = new Hunk(null, parts.ToImmutable());
                wrong = null;
                return true;
            }
            else
            {
                parts.Add(new HunkLine(kind, lines[at]));
            }
        }
        wrong = ParsedPatch.Wrong(
            opened, $"this block lacks its {(kind == HunkLineKind.Removed ? Middle : Close)}",
            Form);
        return false;
    }

    private static FileEdit Edit(string path, List<Hunk> hunks) =>
        new(hunks[0].Old.IsEmpty ? EditKind.Create : EditKind.Change, path, path, [.. hunks]);

    // fences and blank lines stand around blocks in what models write
    private static string? PathOf(string line) =>
        line.Length == 0 || line.StartsWith("```", StringComparison.Ordinal) ? null : line.Trim().Trim('`');
}
