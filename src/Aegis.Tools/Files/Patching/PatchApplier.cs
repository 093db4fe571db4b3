using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Tools.Files.Patching;

/// <summary>What is to be written for one path.</summary>
/// <param name="Content">The whole new text; null deletes the file.</param>
/// <param name="Executable">The mode the patch asks for; null keeps the one of <paramref
/// name="ModeFrom"/>.</param>
/// <param name="ModeFrom">The present file whose mode stands: the path itself, or what it was renamed
/// from.</param>
public sealed record FileChange(
    string Path, string? Content, bool? Executable, string ModeFrom, int LinesAdded,
    int LinesRemoved);

/// <summary>Where a hunk was found.</summary>
/// <param name="Line">From 1, in the file as it is when its turn comes.</param>
public sealed record HunkReport(string Path, int Line, HunkMatch Match);

/// <summary>All changes of a patch, or every reason why none is made.</summary>
public sealed record PatchOutcome(ImmutableArray<FileChange> Changes, ImmutableArray<AegisError> Errors)
{
    /// <summary>One for each hunk, in the patch's order.</summary>
    public ImmutableArray<HunkReport> Hunks { get; init; } = [];

    public bool Ok => Errors.IsEmpty;
}

/// <summary>Holds a patch against the files it names and computes what they become. Pure: nothing is written
/// here, so a patch of many files applies whole or not at all.</summary>
public static class PatchApplier
{
    /// <param name="edits">The edits, in the patch's order.</param>
    /// <param name="files">The present text of every path that an edit names; null where there is no
    /// file.</param>
    public static PatchOutcome Apply(
        ImmutableArray<FileEdit> edits, IReadOnlyDictionary<string, string?> files)
    {
        var tree = new Dictionary<string, string?>(files);
        var changes = new Dictionary<string, FileChange>();
        var errors = ImmutableArray.CreateBuilder<AegisError>();
        var hunks = ImmutableArray.CreateBuilder<HunkReport>();
        foreach (var edit in edits)
        {
            if (Prepare(edit, tree) is { } refused)
            {
                errors.Add(refused);
                continue;
            }
            var before = FileText.Of(edit.Kind == EditKind.Create ? "" : tree[edit.Path] ?? "");
            var text = edit.Kind == EditKind.Write ? Whole(edit, before) : before;
            if (edit.Kind != EditKind.Write && ApplyHunks(edit, text, hunks) is { } error)
            {
                errors.Add(error);
                continue;
            }
            Record(edit, text, edit.Kind == EditKind.Write ? before.Lines.Count : null, tree, changes);
        }
        return errors.Count > 0
            ? new PatchOutcome([], errors.ToImmutable())
            : new PatchOutcome([.. changes.Values.OrderBy(c => c.Path, StringComparer.Ordinal)], [])
            {
                Hunks = hunks.ToImmutable(),
            };
    }

    private static AegisError? Prepare(FileEdit edit, Dictionary<string, string?> tree)
    {
        var there = tree.GetValueOrDefault(edit.Path);
        if (edit.Kind == EditKind.Write)
        {
            return null;
        }
        if (edit.Kind == EditKind.Create)
        {
            // an empty file may be "created" anew: nothing is lost
            return string.IsNullOrEmpty(there) ? null : new AegisError("AEGIS2123",
                $"the patch creates {edit.Path}, which exists", "no file, or an empty one", null,
                "read the file and send a change of it");
        }
        if (there is null)
        {
            return new AegisError("AEGIS2123", $"the patch changes {edit.Path}, which does not exist",
                "a text file there", null,
                    "check the path; use an empty search or /dev/null to create a file");
        }
        return edit.Kind == EditKind.Rename && tree.GetValueOrDefault(edit.NewPath) is not null
            ? new AegisError("AEGIS2123", $"the patch renames {edit.Path} to {edit.NewPath}, which exists",
                "no file there", null, "delete the target in the same patch first")
            : null;
    }

    private static FileText Whole(FileEdit edit, FileText before)
    {
        var text = FileText.Of("");
        text.Lines.AddRange(Replacement(edit.Hunks[0], before, new HunkFit(0, HunkMatch.Exact)));
        return text;
    }

    private static AegisError? ApplyHunks(
        FileEdit edit, FileText text, ImmutableArray<HunkReport>.Builder reports)
    {
        var (drift, from) = (0, 0);
        foreach (var hunk in edit.Hunks)
        {
            // blocks carry no line numbers and may come in any order
            var start = hunk.Line is null ? 0 : from;
            AegisError? error = null;
            var fills = edit.Kind == EditKind.Create && hunk.Old.IsEmpty && text.Lines.Count == 0;
            if ((fills ? new HunkFit(0, HunkMatch.Exact)
                : HunkPlace.Find(edit.Path, text.Lines, hunk, start, drift, out error)) is not { } fit)
            {
                return error;
            }
            var index = fit.At;
            reports.Add(new HunkReport(edit.Path, index + 1, fit.Match));
            var replacement = Replacement(hunk, text, fit);
            var reachesEnd = index + hunk.Old.Length == text.Lines.Count;
            text.Lines.RemoveRange(index, hunk.Old.Length);
            text.Lines.InsertRange(index, replacement);
            if (reachesEnd && (hunk.EndOld, hunk.EndNew) is not (LineEnd.Unsaid, LineEnd.Unsaid))
            {
                text.EndsInLineFeed = hunk.EndNew != LineEnd.Missing;
            }
            drift = hunk.Line is { } line ? index - (line - 1) + replacement.Count - hunk.Old.Length : 0;
            from = index + replacement.Count;
        }
        return edit.Kind == EditKind.Delete && text.Lines.Count > 0
            ? new AegisError("AEGIS2121", $"the patch deletes {edit.Path} but leaves lines in it",
            "no line left",
                $"{text.Lines.Count} lines left", "make the patch from what the file holds now")
            : null;
    }

    /// <summary>Context keeps the file's own spelling; added lines take the file's indentation and line
    /// ends.</summary>
    private static List<string> Replacement(Hunk hunk, FileText text, HunkFit fit)
    {
        var index = fit.At;
        var addReturn = text.UsesCarriageReturns && !hunk.Parts.Any(p => p.Text.EndsWith('\r'));
        var lines = new List<string>(hunk.Parts.Length);
        foreach (var part in hunk.Parts)
        {
            if (part.Kind == HunkLineKind.Added)
            {
                var line = fit.Indented(part.Text)!;
                lines.Add(addReturn ? line + "\r" : line);
                continue;
            }
            if (part.Kind == HunkLineKind.Context)
            {
                lines.Add(text.Lines[index]);
            }
            index++;
        }
        return lines;
    }

    private static void Record(FileEdit edit, FileText text, int? replaced, Dictionary<string, string?> tree,
        Dictionary<string, FileChange> changes)
    {
        var lines = edit.Hunks.SelectMany(h => h.Parts).ToLookup(p => p.Kind);
        var (added, removed) = (lines[HunkLineKind.Added].Count(),
            replaced ?? lines[HunkLineKind.Removed].Count());
        if (edit.Kind is EditKind.Delete or EditKind.Rename)
        {
            tree[edit.Path] = null;
            changes[edit.Path] = new FileChange(edit.Path, null, null, edit.Path, 0,
                edit.Kind == EditKind.Delete ? removed : 0);
        }
        if (edit.Kind == EditKind.Delete)
        {
            return;
        }
        tree[edit.NewPath] = text.ToString();
        var before = edit.Kind == EditKind.Rename ? null : changes.GetValueOrDefault(edit.NewPath);
        changes[edit.NewPath] =
            new FileChange(edit.NewPath, text.ToString(), edit.Executable ?? before?.Executable,
            before?.ModeFrom ?? edit.Path, added + (before?.LinesAdded ?? 0),
                removed + (before?.LinesRemoved ?? 0));
    }
}
