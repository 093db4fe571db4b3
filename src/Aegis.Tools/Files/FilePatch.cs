using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files.Patching;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Patch">A unified diff, search/replace blocks or whole files; at most 1 MiB.</param>
/// <param name="Cwd">What the patch's paths are relative to.</param>
public sealed record FilePatchInput(
    [property: StringLength(PatchText.BytesMax, MinimumLength = 1)] string Patch,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = WorkPath.Root);

/// <summary>Applies a patch over several files, all or nothing: every one is read and computed before
/// the first is written.</summary>
public sealed class FilePatch : Tool<FilePatchInput>
{
    /// <summary>Hunks that the outputs say of how they were found.</summary>
    public const int ReportedMax = 200;

    private const int ReportedCharsMax = 16 * 1024;

    public override ToolDescriptor Descriptor { get; } =
        new("file.patch", "tools:file", ToolEffect.Idempotent,
        "Applies a unified diff, search/replace blocks or whole files to the workspace, all or nothing.",
        UsesWorkspace: true);

    protected override AegisError? Judge(FilePatchInput input) => WorkPath.Wrong(input.Cwd, "cwd")
        ?? (PatchText.Parse(input.Patch).Error is { } unread
            ? unread with { Place = new ErrorPlace("/patch") }
            : null);

    protected override async ValueTask<ToolResult> InvokeAsync(FilePatchInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var parsed = PatchText.Parse(input.Patch);
        if (parsed.Error is not null)
        {
            return ToolResult.Fail(parsed.Error);
        }
        if (!TryResolve(parsed.Edits, cwd, out var edits, out error))
        {
            return ToolResult.Fail(error!);
        }
        (var files, error) = await PatchFiles.ReadAsync(Descriptor.Name,
            edits.SelectMany(e => (IEnumerable<string>)[e.Path, e.NewPath]), execution, cancel);
        if (files is null)
        {
            return ToolResult.Fail(error!);
        }
        var outcome = PatchApplier.Apply(edits, files.ToDictionary(f => f.Key, f => f.Value.Text));
        if (!outcome.Ok)
        {
            return Refuse(outcome);
        }
        if (outcome.Changes.FirstOrDefault(c => c.Content is null && files[c.Path].Link) is { } link)
        {
            return ToolResult.Fail(EditErrors.Link(link.Path));
        }
        if (PatchFiles.Against(outcome.Changes, files, execution) is { } stopped)
        {
            return ToolResult.Fail(stopped);
        }
        var (backup, failed, exit) = await PatchFiles.WriteAsync(
            Descriptor.Name, outcome.Changes, files, execution, cancel);
        return backup is null ? ToolResult.Fail(failed!, exit) : Applied(outcome, files, backup);
    }

    private static bool TryResolve(
        ImmutableArray<FileEdit> edits, string cwd, out ImmutableArray<FileEdit> resolved,
        out AegisError? error)
    {
        resolved = [];
        error = null;
        var list = ImmutableArray.CreateBuilder<FileEdit>();
        foreach (var edit in edits)
        {
            if (!WorkPath.TryResolve(Join(cwd, edit.Path), out var path, out error)
                || !WorkPath.TryResolve(Join(cwd, edit.NewPath), out var newPath, out error))
            {
                return false;
            }
            list.Add(edit with { Path = path, NewPath = newPath });
        }
        resolved = list.ToImmutable();
        return true;
    }

    private static string Join(string cwd, string path) => path.StartsWith('/') ? path : $"{cwd}/{path}";

    private static ToolResult Applied(
        PatchOutcome outcome, Dictionary<string, PatchedFile> files, string backup)
    {
        var text = new StringBuilder();
        foreach (var change in outcome.Changes)
        {
            var verb = change.Content is null ? "deleted" : files[change.Path].Text is null ? "created"
                : "changed";
            text.Append($"{verb} {WorkPath.Relative(change.Path)} ")
                .Append($"+{change.LinesAdded} -{change.LinesRemoved}\n");
        }
        return new ToolResult(true, text.ToString(), ToolJson.Element(new
        {
            files = outcome.Changes.Length,
            lines_added = outcome.Changes.Sum(c => c.LinesAdded),
            lines_removed = outcome.Changes.Sum(c => c.LinesRemoved),
            backup,
            hunks = Reported(outcome.Hunks),
        }));
    }

    // the loosest ones first: those are what a reader looks at
    private static IEnumerable<object> Reported(ImmutableArray<HunkReport> hunks)
    {
        var chars = 0;
        return hunks.OrderByDescending(h => h.Match).Take(ReportedMax)
            .TakeWhile(h => (chars += h.Path.Length + 64) <= ReportedCharsMax).Select(h => new
            {
                file = WorkPath.Relative(h.Path),
                line = h.Line,
                match = WordOf(h.Match),
            });
    }

    internal static string WordOf(HunkMatch match) => match switch
    {
        HunkMatch.Exact => "exact",
        HunkMatch.Whitespace => "whitespace",
        _ => "indentation",
    };

    private static ToolResult Refuse(PatchOutcome outcome)
    {
        const int shown = 20;
        var text = string.Join('\n', outcome.Errors.Take(shown).Select(e => e.ToString()));
        var first = outcome.Errors[0];
        var more = outcome.Errors.Length > 1 ? $" (and {outcome.Errors.Length - 1} more; see the output)"
            : "";
        return ToolResult.Fail(
            first with { Message = $"nothing was written: {first.Message}{more}" }, text: text);
    }
}
