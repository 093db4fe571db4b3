using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Artifacts;

/// <param name="Path">A file of the workspace, or a pattern with * ? [ ] and **.</param>
/// <param name="Content">The text itself; path only names it then.</param>
/// <param name="Id">Left out: what a document's front matter says, or the id of the path.</param>
public sealed record ArtifactPutInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path,
    string? Content = null,
    string? Id = null,
    string? Status = null,
    [property: MaxLength(ArtifactLimits.LinksMax)] ImmutableArray<ArtifactLink>? Links = null,
    string? MediaType = null);

/// <summary>Makes versions of artifacts from files of the workspace, or from a text. Asked again after a
/// crash it comes to the versions that it made before.</summary>
public sealed class ArtifactPutTool : Tool<ArtifactPutInput>
{
    /// <summary>Files that one call may put.</summary>
    public const int FilesMax = 100;

    private const int Elsewhere = 48;
    private const int TooMany = 49;

    // the pattern is expanded by the shell as a pattern only: IFS is empty, and it is never the script's text
    private const string ListScript = """
        shopt -s nullglob globstar
        cd /work || exit 1
        IFS= count=0
        for file in $1; do
          [ -f "$file" ] || continue
          case $(readlink -f -- "$file") in /work/*) ;; *) exit 48 ;; esac
          count=$((count + 1)); [ $count -le "$2" ] || exit 49
          printf '%s\0' "$file"
        done
        """;

    public override ToolDescriptor Descriptor { get; } =
        new("artifact.put", "tools:artifact", ToolEffect.Idempotent,
        "Makes the next version of an artifact from files of the workspace, or from a text.",
        UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(ArtifactPutInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var made = new List<ArtifactVersion>();
        if (input.Content is { } text)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return await PutAsync(input, WorkPath.Relative(path), content, execution, cancel) is { } version
                ? Answer([version])
                : ToolResult.Fail(ArtifactToolErrors.NoShelf);
        }
        (var files, error) = await FilesAsync(input, WorkPath.Relative(path), execution, cancel);
        foreach (var file in files)
        {
            await using var content = await ReadAsync(file, execution, cancel);
            if (await PutAsync(input, file, content, execution, cancel) is not { } version)
            {
                return ToolResult.Fail(ArtifactToolErrors.NoShelf);
            }
            made.Add(version);
        }
        return error is null ? Answer(made) : ToolResult.Fail(error);
    }

    private static async ValueTask<(ImmutableArray<string> Files, AegisError? Error)> FilesAsync(
        ArtifactPutInput input, string pattern, Execution execution, CancellationToken cancel)
    {
        var listed = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(ListScript, pattern, $"{FilesMax}"), Timeout: FileAnswer.TimeMax, Quiet: true,
            CaptureBytesMax: FilesMax * (WorkPath.LengthMax + 1)), cancel);
        var error = listed.ExitCode switch
        {
            Elsewhere => ArtifactToolErrors.Elsewhere(pattern),
            TooMany => ArtifactToolErrors.TooMany(pattern),
            _ => FileAnswer.ErrorOf(listed, "artifact.put", pattern),
        };
        if (error is not null)
        {
            return ([], error);
        }
        ImmutableArray<string> files = [.. listed.StdoutText
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        return files.Length switch
        {
            0 => ([], ArtifactToolErrors.NoFile(pattern)),
            > 1 when input.Id is not null => ([], ArtifactToolErrors.OneId(input.Id, files.Length)),
            _ => (files, null),
        };
    }

    private static async ValueTask<FileStream> ReadAsync(
        string file, Execution execution, CancellationToken cancel)
    {
        var copy = Path.Combine(execution.ScratchDirectory, "artifact");
        var max = ArtifactRules.IsDocument(file) ? ArtifactLimits.DocumentBytesMax
            : ArtifactLimits.FileBytesMax;
        var read = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash("""cd /work && head -c "$2" -- "$1" """, file, $"{max + 1}"),
            Timeout: FileAnswer.TimeMax, Quiet: true, StdoutFile: copy), cancel);
        return FileAnswer.ErrorOf(read, "artifact.put", file) is { } failed
            ? throw new AegisException(failed)
            : File.OpenRead(copy);
    }

    private static ValueTask<ArtifactVersion?> PutAsync(ArtifactPutInput input, string path, Stream content,
        Execution execution, CancellationToken cancel) => execution.PutArtifactAsync(new ArtifactPut(
            input.Id, path, content, input.Status, input.Links, input.MediaType), cancel);

    private static ToolResult Answer(List<ArtifactVersion> made)
    {
        var text = string.Join('\n',
            made.Select(v => $"{v.ArtifactId} version {v.Version} {v.Path} ({v.Status}, {v.HashCurr})"));
        return new ToolResult(true, text, ToolJson.Element(new
        {
            artifact_id = made[0].ArtifactId,
            version = made[0].Version,
            hash = made[0].HashCurr,
            artifacts = made.Select(v =>
                new { artifact_id = v.ArtifactId, version = v.Version, hash = v.HashCurr }),
        }));
    }
}
