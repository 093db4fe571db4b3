using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Tools.Files.Patching;

/// <summary>Reads unified diffs, git's extended headers included. Binary patches, copies, symbolic links and
/// submodules are refused; a hunk's counts must agree with its body.</summary>
internal static partial class UnifiedDiff
{
    private const string CountsMend =
        "make the @@ counts equal the lines that follow, or use search/replace blocks";

    public static ParsedPatch Parse(string text)
    {
        var reader = new Reader(PatchText.Lines(text));
        var edits = ImmutableArray.CreateBuilder<FileEdit>();
        while (reader.SkipToFile())
        {
            if (reader.ReadFile() is not { } edit)
            {
                return reader.Wrong!;
            }
            edits.Add(edit);
        }
        return new ParsedPatch(edits.ToImmutable(), null);
    }

    [GeneratedRegex(@"^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")]
    private static partial Regex HunkHeader();

    private sealed class Reader(ImmutableArray<string> lines)
    {
        private int at;
        private DiffHeader header = new();

        public ParsedPatch? Wrong { get; private set; }

        public bool SkipToFile()
        {
            while (at < lines.Length && !IsFileStart(at))
            {
                at++;
            }
            return at < lines.Length;
        }

        public FileEdit? ReadFile()
        {
            var start = at + 1;
            header = new DiffHeader();
            for (; at < lines.Length && !lines[at].StartsWith("@@ ", StringComparison.Ordinal); at++)
            {
                if (at + 1 > start && IsFileStart(at) && (lines[at][0] == 'd' || header.HasOldName))
                {
                    break;
                }
                if (!header.Take(lines[at].TrimEnd('\r'), out var refused))
                {
                    return Fail(at + 1, refused!, "apply such a change in a shell.exec step");
                }
            }
            var hunks = ImmutableArray.CreateBuilder<Hunk>();
            while (at < lines.Length && lines[at].StartsWith("@@", StringComparison.Ordinal))
            {
                if (ReadHunk() is not { } hunk)
                {
                    return null;
                }
                hunks.Add(hunk);
            }
            return header.ToEdit(hunks.ToImmutable(), out var wrong)
                ?? Fail(start, wrong!, "a file begins with --- and +++ lines, then @@ hunks");
        }

        private Hunk? ReadHunk()
        {
            var headerLine = at + 1;
            var match = HunkHeader().Match(lines[at++]);
            if (!match.Success)
            {
                Fail(headerLine, "a hunk header is not @@ -from,count +from,count @@", CountsMend);
                return null;
            }
            var oldLeft = Count(match.Groups[2]);
            var newLeft = Count(match.Groups[4]);
            var from = int.Parse(match.Groups[1].ValueSpan);
            var parts = ImmutableArray.CreateBuilder<HunkLine>();
            LineEnd endOld = LineEnd.Unsaid, endNew = LineEnd.Unsaid;
            for (; at < lines.Length; at++)
            {
                if (lines[at].StartsWith('\\'))
                {
                    MarkEnd(parts, ref endOld, ref endNew);
                    continue;
                }
                if (oldLeft == 0 && newLeft == 0)
                {
                    break;
                }
                if (!TryTake(lines[at], parts, ref oldLeft, ref newLeft))
                {
                    break;
                }
            }
            if (oldLeft != 0 || newLeft != 0)
            {
                Fail(headerLine, "a hunk's counts do not agree with the lines after it", CountsMend);
                return null;
            }
            // `@@ -0,0` is an empty old file; `@@ -7,0` inserts after line 7
            var line = match.Groups[2] is { Success: true, Value: "0" } ? from + 1 : from;
            return new Hunk(line, parts.ToImmutable(), endOld, endNew);
        }

        private static bool TryTake(string line, ImmutableArray<HunkLine>.Builder parts, ref int oldLeft,
            ref int newLeft)
        {
            // editors strip the one space of an empty context line
            var (kind, text) = line.Length == 0 || line == "\r"
                ? (HunkLineKind.Context, line)
                : (line[0] switch
                {
                    ' ' => HunkLineKind.Context,
                    '-' => HunkLineKind.Removed,
                    '+' => HunkLineKind.Added,
                    _ => (HunkLineKind)(-1),
                }, line[1..]);
            oldLeft -= kind is HunkLineKind.Context or HunkLineKind.Removed ? 1 : 0;
            newLeft -= kind is HunkLineKind.Context or HunkLineKind.Added ? 1 : 0;
            if (kind < 0 || oldLeft < 0 || newLeft < 0)
            {
                oldLeft = -1;
                return false;
            }
            parts.Add(new HunkLine(kind, text));
            return true;
        }

        private static void MarkEnd(
            ImmutableArray<HunkLine>.Builder parts, ref LineEnd endOld, ref LineEnd endNew)
        {
            var kind = parts.Count == 0 ? HunkLineKind.Context : parts[^1].Kind;
            endOld = kind == HunkLineKind.Added ? endOld : LineEnd.Missing;
            endNew = kind == HunkLineKind.Removed ? endNew : LineEnd.Missing;
        }

        private static int Count(Group group) => group.Success ? int.Parse(group.ValueSpan) : 1;

        private bool IsFileStart(int index) =>
            lines[index].StartsWith("diff --git ", StringComparison.Ordinal)
            || (lines[index].StartsWith("--- ", StringComparison.Ordinal) && index + 1 < lines.Length
                && lines[index + 1].StartsWith("+++ ", StringComparison.Ordinal));

        private FileEdit? Fail(int line, string what, string mend)
        {
            Wrong = ParsedPatch.Wrong(line, what, mend);
            return null;
        }
    }
}
