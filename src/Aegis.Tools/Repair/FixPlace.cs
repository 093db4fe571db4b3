using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Repairs;
using Aegis.Tools.Files.Patching;

namespace Aegis.Tools.Repair;

/// <summary>Where a fix stands and what the file becomes.</summary>
internal sealed record PlacedFix(FileChange Change, int Line, HunkMatch Match);

/// <summary>Holds a fix against its file: the lines that it calls the current ones must stand at its line, or
/// in one place near it. Whole lines first, by the rules of patches; then a part of one line.</summary>
internal static class FixPlace
{
    /// <summary>How many lines away from its line a fix may stand.</summary>
    public const int NearMax = 60;

    public static (PlacedFix? Fix, AegisError? Error) Of(FixSuggestion fix, string path, string? text)
    {
        var (old, replacement) = (Lines(fix.CurrentCode), Lines(fix.FixedCode));
        if (text is null || old.IsEmpty)
        {
            return text is null && old.IsEmpty
                ? (new PlacedFix(new FileChange(path, fix.FixedCode.TrimEnd('\n') + "\n", null, path,
                    replacement.Length, 0), 1, HunkMatch.Exact), null)
                : (null, RepairErrors.NoPlace(fix, text is null ? "no such file" : "no current code"));
        }
        var lines = FileText.Of(text).Lines;
        foreach (var rule in HunkRules.All)
        {
            var fits = Fits(lines, old, rule, fix.LineNumber - 1);
            if (fits.Count == 1)
            {
                return Placed(fix, path, text, lines, old, replacement, fits[0]);
            }
            if (fits.Count > 1)
            {
                return (null, RepairErrors.NoPlace(fix, $"it stands at lines {fits[0].At + 1} and "
                    + $"{fits[1].At + 1}"));
            }
        }
        return old.Length == 1 && replacement.Length <= 1
            ? InLine(fix, path, text, lines, old[0].Trim(), replacement.FirstOrDefault("").Trim())
            : (null, RepairErrors.NoPlace(fix, NearestLines.Describe(lines, old)));
    }

    // the stated line decides where it fits; elsewhere every place near it counts
    private static List<HunkFit> Fits(
        List<string> lines, ImmutableArray<string> old, HunkRules.Rule rule, int stated)
    {
        if (stated + old.Length <= lines.Count && rule(lines, old, stated) is { } there)
        {
            return [there];
        }
        var fits = new List<HunkFit>();
        for (var at = Math.Max(0, stated - NearMax);
            at <= Math.Min(stated + NearMax, lines.Count - old.Length); at++)
        {
            if (rule(lines, old, at) is { } fit)
            {
                fits.Add(fit);
            }
        }
        return fits;
    }

    private static (PlacedFix?, AegisError?) Placed(FixSuggestion fix, string path, string text,
        List<string> lines, ImmutableArray<string> old, ImmutableArray<string> replacement, HunkFit fit)
    {
        var added = replacement.Select(fit.Indented).ToArray();
        if (added.Contains(null))
        {
            return (null, RepairErrors.NoPlace(fix, "its new lines are not indented as its old ones are"));
        }
        return Changed(path, text, fit.At, lines.GetRange(fit.At, old.Length), added!, fit.Match);
    }

    private static (PlacedFix?, AegisError?) InLine(FixSuggestion fix, string path, string text,
        List<string> lines, string part, string by)
    {
        var places = Enumerable.Range(0, lines.Count)
            .Where(at => Math.Abs(at - (fix.LineNumber - 1)) <= NearMax
                && lines[at].Contains(part, StringComparison.Ordinal)).ToArray();
        var at = places.Contains(fix.LineNumber - 1) ? fix.LineNumber - 1
            : places.Length == 1 ? places[0] : -1;
        if (at < 0 || part.Length == 0)
        {
            return (null, RepairErrors.NoPlace(fix, places.Length == 0 ? NearestLines.Describe(lines, [part])
                : $"it stands in {places.Length} lines near there"));
        }
        var first = lines[at].IndexOf(part, StringComparison.Ordinal);
        return first != lines[at].LastIndexOf(part, StringComparison.Ordinal)
            ? (null, RepairErrors.NoPlace(fix, $"it stands more than once in line {at + 1}"))
            : Changed(path, text, at, [lines[at]],
                [lines[at][..first] + by + lines[at][(first + part.Length)..]], HunkMatch.Exact);
    }

    /// <summary>The same words that a patch would have, so that line ends are kept as patches keep
    /// them.</summary>
    private static (PlacedFix?, AegisError?) Changed(string path, string text, int at, List<string> old,
        string[] added, HunkMatch match)
    {
        var hunk = new Hunk(at + 1, [.. old.Select(l => new HunkLine(HunkLineKind.Removed, l)),
            .. added.Select(l => new HunkLine(HunkLineKind.Added, l))]);
        // old lines are the file's own and may end in carriage returns: the new ones take them here
        hunk = !old.Exists(l => l.EndsWith('\r')) ? hunk : new Hunk(at + 1, [.. hunk.Parts.Select(p =>
            p.Kind == HunkLineKind.Added && !p.Text.EndsWith('\r') ? p with { Text = p.Text + "\r" } : p)]);
        var outcome = PatchApplier.Apply([new FileEdit(EditKind.Change, path, path, [hunk])],
            new Dictionary<string, string?> { [path] = text });
        return outcome.Ok ? (new PlacedFix(outcome.Changes[0], at + 1, match), null)
            : (null, outcome.Errors[0]);
    }

    private static ImmutableArray<string> Lines(string code) =>
        code.Trim('\n', '\r').Length == 0 ? [] : [.. code.Trim('\n', '\r').Split('\n')
            .Select(l => l.TrimEnd('\r'))];
}
