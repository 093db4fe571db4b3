using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Tools.Files.Patching;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Patch">A unified diff, or search/replace blocks; at most 1 MiB.</param>
/// <param name="Cwd">What the patch's paths are relative to.</param>
public sealed record FilePatchInput(
    [property: StringLength(PatchText.BytesMax, MinimumLength = 1)] string Patch,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = WorkPath.Root);

/// <summary>Applies a patch over several files, all or nothing: read them all, compute everything, write them
/// all beside their places, then rename.</summary>
public sealed class FilePatch : Tool<FilePatchInput>
{
    public const int FileBytesMax = 4 << 20;
    public const long TotalBytesMax = 32 << 20;

    // for each path a line `size` (or -1: none, -2: not a regular file, -3: too large) and then its bytes
    private const string ReadScript = """
        max=$1; shift
        for path; do
          if [ ! -e "$path" ] && [ ! -L "$path" ]; then echo -1
          elif [ ! -f "$path" ]; then echo -2
          else
            size=$(stat -Lc %s -- "$path") || exit 1
            if [ "$size" -gt "$max" ]; then echo -3
            else echo "$size"; head -c "$size" -- "$path" || exit 1; fi
          fi
        done
        """;

    // arguments in fours: path, size of its new bytes on stdin or -1 to delete, mode, file whose mode it
    // takes
    private const string WriteScript = """
        set -e
        sides=(); trap 'rm -f -- "${sides[@]}"' EXIT
        all=("$@")
        while [ $# -gt 0 ]; do
          path=$1 size=$2 mode=$3 like=$4; shift 4
          if [ "$size" = -1 ]; then sides+=(""); continue; fi
          [ ! -L "$path" ] || path=$(readlink -f -- "$path")
          mkdir -p -- "$(dirname -- "$path")"
          side=$(mktemp -- "$(dirname -- "$path")/.aegis-patch-XXXXXXXX"); sides+=("$side")
          head -c "$size" > "$side"
          [ "$(stat -c %s -- "$side")" = "$size" ]
          if [ -e "$like" ]; then chmod --reference="$like" -- "$side"; else chmod 644 -- "$side"; fi
          [ "$mode" = - ] || chmod "$mode" -- "$side"
        done
        set -- "${all[@]}"
        for side in "${sides[@]}"; do
          path=$1 size=$2; shift 4
          if [ "$size" = -1 ]; then rm -f -- "$path"; continue; fi
          [ ! -L "$path" ] || path=$(readlink -f -- "$path")
          mv -fT -- "$side" "$path"
        done
        """;

    public override ToolDescriptor Descriptor { get; } =
        new("file.patch", "tools:file", ToolEffect.Idempotent,
        "Applies a unified diff or search/replace blocks to files of the workspace, all or nothing.",
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
        var (files, failed) = await ReadAsync(
            [.. edits.SelectMany(e => (IEnumerable<string>)[e.Path, e.NewPath]).Distinct()], execution, cancel);
        if (failed is not null)
        {
            return ToolResult.Fail(failed);
        }
        var outcome = PatchApplier.Apply(edits, files!);
        if (outcome.Ok && Against(outcome, files!, execution) is { } stopped)
        {
            return ToolResult.Fail(stopped);
        }
        return outcome.Ok ? await WriteAsync(outcome, files!, execution, cancel) : Refuse(outcome);
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

    /// <summary>What was learned from failures may forbid what a file would become.</summary>
    private static AegisError? Against(
        PatchOutcome outcome, Dictionary<string, string?> files, Execution execution) =>
        execution.Vaccines.Against(outcome.Changes.Where(c => c.Content is not null)
            .Select(c => new ProposedFile(WorkPath.Relative(c.Path), c.Content!,
                files.GetValueOrDefault(c.Path) ?? files.GetValueOrDefault(c.ModeFrom))));

    /// <summary>The present text of each path; null where there is no file.</summary>
    internal static async ValueTask<(Dictionary<string, string?>? Files, AegisError? Error)> ReadAsync(
        string[] paths, Execution execution, CancellationToken cancel)
    {
        // the bytes themselves, not a redacted view: what is read here is written back
        var copy = Path.Combine(execution.ScratchDirectory, "patch-input");
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(ReadScript, [$"{FileBytesMax}", .. paths]), Timeout: FileAnswer.TimeMax,
                Quiet: true,
            StdoutFile: copy), cancel);
        if (FileAnswer.ErrorOf(result, "file.patch", "the patch's files") is { } failed)
        {
            return (null, failed);
        }
        if (new FileInfo(copy).Length > TotalBytesMax)
        {
            return (null, new AegisError("AEGIS2124", "the files that the patch names are too large together",
                $"at most {TotalBytesMax} bytes", null, "split the patch"));
        }
        return PatchInput.Split(await File.ReadAllBytesAsync(copy, cancel), paths);
    }

    private static async ValueTask<ToolResult> WriteAsync(
        PatchOutcome outcome, Dictionary<string, string?> files,
        Execution execution, CancellationToken cancel)
    {
        var arguments = new List<string>();
        using var bytes = new MemoryStream();
        foreach (var change in outcome.Changes)
        {
            var content = change.Content is null ? null : Encoding.UTF8.GetBytes(change.Content);
            var mode = change.Executable switch { null => "-", true => "a+x", false => "a-x" };
            arguments.AddRange([change.Path, $"{content?.Length ?? -1}", mode, change.ModeFrom]);
            bytes.Write(content);
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(WriteScript, [.. arguments]), Stdin: bytes.GetBuffer()
                .AsMemory(0, (int)bytes.Length),
            Timeout: FileAnswer.TimeMax, Quiet: true), cancel);
        return FileAnswer.ErrorOf(result, "file.patch", "the patch's files") is { } failed
            ? ToolResult.Fail(failed, result.ExitCode)
            : Applied(outcome, files);
    }

    private static ToolResult Applied(PatchOutcome outcome, Dictionary<string, string?> files)
    {
        var text = new StringBuilder();
        foreach (var change in outcome.Changes)
        {
            var verb = change.Content is null ? "deleted" : files[change.Path] is null ? "created"
                : "changed";
            text.Append($"{verb} {WorkPath.Relative(change.Path)} ")
                .Append($"+{change.LinesAdded} -{change.LinesRemoved}\n");
        }
        return new ToolResult(true, text.ToString(), ToolJson.Element(new
        {
            files = outcome.Changes.Length,
            lines_added = outcome.Changes.Sum(c => c.LinesAdded),
            lines_removed = outcome.Changes.Sum(c => c.LinesRemoved),
        }));
    }

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
