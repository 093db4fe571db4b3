using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Repairs;
using Aegis.Core.RepoMaps;
using Aegis.Core.Runs;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Files.Patching;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <summary>A fix that stands in its file.</summary>
internal sealed record AppliedFix(FixSuggestion Fix, int Line, HunkMatch Match, string Backup,
    ImmutableArray<string> Mended);

/// <summary>A fix that does not, and why.</summary>
internal sealed record FailedFix(FixSuggestion Fix, AegisError Error);

/// <summary>
/// Tries fixes one by one, the surest first: into the file, the tests that import it, all tests; kept where
/// more pass and none fewer, else taken back. What is left then is tried together once, because a mend in two
/// places helps in both or in none.
/// </summary>
internal sealed class RepairRun(string folder, TestsRunInput tests, Execution execution)
{
    private const int ReasonCharsMax = 300;
    private readonly ImmutableArray<PatchFact>.Builder facts = ImmutableArray.CreateBuilder<PatchFact>();
    private readonly Dictionary<FixSuggestion, string> numbers = new(ReferenceEqualityComparer.Instance);

    public List<AppliedFix> Applied { get; } = [];

    public List<FailedFix> Failed { get; } = [];

    /// <summary>Fixes that were not needed any more.</summary>
    public int NotNeeded { get; private set; }

    public TestResults Before { get; private set; } = null!;

    public TestResults Now { get; private set; } = null!;

    public bool IsClean => Now.Error is null;

    public ImmutableArray<PatchFact> Facts => facts.ToImmutable();

    /// <summary>An error where not even the tests can be run; nothing was changed then.</summary>
    public async ValueTask<AegisError?> RunAsync(FailureAnalysis analysis, CancellationToken cancel)
    {
        var (before, error) = await TestsRun.RunAsync(tests, folder, execution, cancel);
        if (before is null)
        {
            return error;
        }
        Before = Now = before;
        foreach (var fix in analysis.FixSuggestions
            .OrderByDescending(f => f.Confidence ?? analysis.ConfidenceScore))
        {
            if (IsClean)
            {
                NotNeeded++;
                continue;
            }
            numbers.Add(fix, $"{numbers.Count + 1}");
            facts.Add(new PatchFact(PatchStage.Proposed, numbers[fix], fix.File, fix.LineNumber,
                Cut(fix.Explanation), fix.Confidence ?? analysis.ConfidenceScore));
            await TryAsync([fix], cancel);
        }
        FailedFix[] unhelpful = [.. Failed.Where(f => f.Error.Code == "AEGIS2698")];
        if (!IsClean && unhelpful.Length > 1)
        {
            await TogetherAsync(unhelpful, cancel);
        }
        return null;
    }

    private async ValueTask TogetherAsync(FailedFix[] unhelpful, CancellationToken cancel)
    {
        foreach (var failed in unhelpful)
        {
            Failed.Remove(failed);
        }
        await TryAsync([.. unhelpful.Select(f => f.Fix)], cancel);
    }

    /// <summary>All of these fixes, or none.</summary>
    private async ValueTask TryAsync(ImmutableArray<FixSuggestion> fixes, CancellationToken cancel)
    {
        var placed = new List<AppliedFix>();
        AegisError? why = null;
        foreach (var fix in fixes)
        {
            (var applied, why) = await ApplyAsync(fix, cancel);
            if (applied is null)
            {
                break;
            }
            placed.Add(applied);
        }
        TestProgress? progress = null;
        TestResults? after = null;
        if (why is null)
        {
            (progress, after) = await JudgeAsync(placed, cancel);
            why = progress.Better ? null : RepairErrors.NoHelp(Cut(progress.Why));
        }
        if (why is null)
        {
            Now = after!;
            Applied.AddRange(placed.Select(p => p with { Mended = progress!.Fixed }));
            return;
        }
        for (var i = placed.Count - 1; i >= 0; i--)
        {
            await RollBackAsync(placed[i], why.Message, cancel);
        }
        Failed.AddRange(fixes.Select(f => new FailedFix(f, why)));
    }

    private async ValueTask<(AppliedFix? Fix, AegisError? Why)> ApplyAsync(
        FixSuggestion fix, CancellationToken cancel)
    {
        if (!TryResolve(fix.File, out var path))
        {
            return (null, RepairErrors.NotHere(fix.File));
        }
        var (files, error) = await PatchFiles.ReadAsync("repair.apply", [path], execution, cancel);
        if (files is null)
        {
            return (null, error);
        }
        (var placed, error) = FixPlace.Of(fix, path, files[path].Text);
        if (placed is null
            || (error = PatchFiles.Against([placed.Change], files, execution)) is not null)
        {
            return (null, error);
        }
        var (backup, failed, _) = await PatchFiles.WriteAsync(
            "repair.apply", [placed.Change], files, execution, cancel);
        if (backup is null)
        {
            return (null, failed);
        }
        facts.Add(new PatchFact(PatchStage.Applied, numbers[fix], fix.File, placed.Line,
            FilePatch.WordOf(placed.Match), Backup: backup));
        return (new AppliedFix(fix, placed.Line, placed.Match, backup, []), null);
    }

    /// <summary>The tests that import what was changed, and all of them where those do not speak against it
    /// already.</summary>
    private async ValueTask<(TestProgress Progress, TestResults? After)> JudgeAsync(
        List<AppliedFix> placed, CancellationToken cancel)
    {
        ImmutableArray<string> changed = [.. placed.Select(p => Relative(p.Fix.File)).Distinct()];
        var (some, error) = await TestsRun.RunAsync(tests with { Changed = changed }, folder, execution,
            cancel);
        if (some is null)
        {
            return (new TestProgress([], [], error!.Message), null);
        }
        if (some.Selection is { IsAll: false })
        {
            var early = TestProgress.OfSome(Now, some);
            if (!early.Broken.IsEmpty || early.Worse is not null)
            {
                return (early, some);
            }
            (some, error) = await TestsRun.RunAsync(tests, folder, execution, cancel);
        }
        return some is null ? (new TestProgress([], [], error!.Message), null)
            : (TestProgress.Of(Now, some with { Selection = null }), some with { Selection = null });
    }

    private async ValueTask RollBackAsync(AppliedFix applied, string why, CancellationToken cancel)
    {
        var (_, error, _) = await FileRestore.UndoAsync(applied.Backup, execution, cancel);
        if (error is not null)
        {
            // the whole call fails then, and its overlay with all of it
            throw new AegisException(error);
        }
        facts.Add(new PatchFact(PatchStage.RolledBack, numbers[applied.Fix], applied.Fix.File, applied.Line,
            Cut(why)));
    }

    private bool TryResolve(string file, out string path)
    {
        path = "";
        return !file.StartsWith('/')
            && WorkPath.TryResolve($"{folder}/{file}", out path, out _)
            && path.StartsWith(folder + "/", StringComparison.Ordinal)
            && !path[folder.Length..].Split('/').Contains(".git");
    }

    private string Relative(string file) =>
        TryResolve(file, out var path) ? path[(folder.Length + 1)..] : file;

    private static string Cut(string text) =>
        text.Length <= ReasonCharsMax ? text : text[..ReasonCharsMax] + "…";

    /// <summary>Whether a fix changes what judges it.</summary>
    public static bool ChangesTest(FixSuggestion fix) => AffectedTests.IsTest(fix.File);
}
