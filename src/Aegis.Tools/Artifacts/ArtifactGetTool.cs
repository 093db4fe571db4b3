using System.ComponentModel.DataAnnotations;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Artifacts;

/// <param name="Version">Left out: the newest.</param>
/// <param name="Path">Where it is to stand; left out: where it stood.</param>
public sealed record ArtifactGetInput(
    [property: StringLength(64, MinimumLength = 1)] string Id,
    [property: Range(1, int.MaxValue)] int? Version = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string? Path = null);

/// <summary>Places a version of an artifact in the workspace, byte for byte.</summary>
public sealed class ArtifactGetTool : Tool<ArtifactGetInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("artifact.get", "tools:artifact", ToolEffect.Idempotent,
        "Places a version of an artifact in the workspace.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(ArtifactGetInput input, Execution execution,
        CancellationToken cancel)
    {
        if (await execution.OpenArtifactAsync(input.Id, input.Version, cancel) is not { } found)
        {
            return ToolResult.Fail(ArtifactToolErrors.NoArtifact(input.Id, input.Version));
        }
        await using var bytes = found.Bytes;
        if (!WorkPath.TryResolve(input.Path ?? found.Version.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var copy = Path.Combine(execution.ScratchDirectory, "artifact");
        await using (var file = File.Create(copy))
        {
            await bytes.CopyToAsync(file, cancel);
        }
        var written = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(FileWrite.Script, path, "0", "-"), StdinFile: copy, Timeout: FileAnswer.TimeMax,
            Quiet: true), cancel);
        var isNew = written is { ExitCode: FileWrite.Created, TimedOut: false };
        if (!isNew && FileAnswer.ErrorOf(written, "artifact.get", path) is { } failed)
        {
            return ToolResult.Fail(failed, written.ExitCode);
        }
        var version = found.Version;
        return new ToolResult(true, $"{version.ArtifactId} version {version.Version} at "
            + WorkPath.Relative(path), ToolJson.Element(new
            {
                artifact_id = version.ArtifactId,
                version = version.Version,
                path = WorkPath.Relative(path),
                bytes = version.Bytes,
                hash = version.HashCurr,
                status = version.Status,
            }));
    }
}
