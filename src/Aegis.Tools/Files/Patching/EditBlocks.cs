using System.Collections.Immutable;

namespace Aegis.Tools.Files.Patching;

/// <summary>Blocks of the form <c>path</c>, <c>&lt;&lt;&lt;&lt;&lt;&lt;&lt; SEARCH</c>, old lines,
/// <c>=======</c>, new lines, <c>&gt;&gt;&gt;&gt;&gt;&gt;&gt; REPLACE</c>, and whole files: <c>path</c>,
/// <c>&lt;&lt;&lt;&lt;&lt;&lt;&lt; FILE</c>, every line, <c>&gt;&gt;&gt;&gt;&gt;&gt;&gt; FILE</c>. A block
/// without a path of its own belongs to the path before it; an empty search creates the file. Blocks of one
/// file apply in the order written.</summary>
internal static class EditBlocks
{
    public const string Open = "<<<<<<< SEARCH";
    public const string OpenFile = "<<<<<<< FILE";
    private const string Middle = "=======";
    private const string Close = ">>>>>>> REPLACE";
    private const string CloseFile = ">>>>>>> FILE";
    private const string Form = "a block is: path, <<<<<<< SEARCH, old lines, =======, new lines, "
        + ">>>>>>> REPLACE; or path, <<<<<<< FILE, all lines, >>>>>>> FILE";

    public static bool IsIn(string text) => Opens(text, Open) || Opens(text, OpenFile);

    public static ParsedPatch Parse(string text)
    {
        var lines = PatchText.Lines(text);
        var order = new List<string>();
        var blocks = new Dictionary<string, List<Block>>();
        string? path = null;
        var at = 0;
        while (at < lines.Length)
        {
            var line = lines[at].TrimEnd();
            if (line is not (Open or OpenFile))
            {
                path = PathOf(line) ?? path;
                at++;
                continue;
            }
            var opened = at + 1;
            if (path is null)
            {
                return ParsedPatch.Wrong(opened, "a block without a path before it", Form);
            }
            if (!TryReadBlock(lines, line == OpenFile, ref at, out var block, out var wrong))
            {
                return wrong!;
            }
            if (!blocks.TryGetValue(path, out var ofPath))
            {
                order.Add(path);
                blocks.Add(path, ofPath = []);
            }
            if (ofPath.Count > 0 && (block!.Whole || ofPath[0].Whole))
            {
                return ParsedPatch.Wrong(opened, $"{path} is written whole and changed beside it",
                    "write a file whole, once, or change parts of it");
            }
            ofPath.Add(block!);
        }
        return new ParsedPatch([.. order.Select(p => Edit(p, blocks[p]))], null);
    }

    private static bool Opens(string text, string marker) =>
        text.StartsWith(marker, StringComparison.Ordinal)
        || text.Contains("\n" + marker, StringComparison.Ordinal);

    private static bool TryReadBlock(ImmutableArray<string> lines, bool whole, ref int at, out Block? block,
        out ParsedPatch? wrong)
    {
        block = null;
        wrong = null;
        var opened = at + 1;
        var parts = ImmutableArray.CreateBuilder<HunkLine>();
        var kind = whole ? HunkLineKind.Added : HunkLineKind.Removed;
        var close = whole ? CloseFile : Close;
        for (at++; at < lines.Length; at++)
        {
            var line = lines[at].TrimEnd('\r');
            if (line == Open && !whole)
            {
                break;
            }
            if (line == Middle && kind == HunkLineKind.Removed)
            {
                kind = HunkLineKind.Added;
            }
            else if (line == close && kind == HunkLineKind.Added)
            {
                at++;
                block = new Block(whole, new Hunk(null, parts.ToImmutable()));
                return true;
            }
            else
            {
                parts.Add(new HunkLine(kind, lines[at]));
            }
        }
        wrong = ParsedPatch.Wrong(
            opened, $"this block lacks its {(kind == HunkLineKind.Removed ? Middle : close)}", Form);
        return false;
    }

    private static FileEdit Edit(string path, List<Block> blocks) => new(
        blocks[0].Whole ? EditKind.Write
            : blocks[0].Hunk.Old.IsEmpty ? EditKind.Create : EditKind.Change,
        path, path, [.. blocks.Select(b => b.Hunk)]);

    // fences and blank lines stand around blocks in what models write
    private static string? PathOf(string line) =>
        line.Length == 0 || line.StartsWith("```", StringComparison.Ordinal) ? null : line.Trim().Trim('`');

    private sealed record Block(bool Whole, Hunk Hunk);
}
