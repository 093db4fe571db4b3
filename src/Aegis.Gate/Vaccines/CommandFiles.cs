using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Sandbox;

namespace Aegis.Gate.Vaccines;

/// <summary>Files that a command has written are judged when it has ended: only then is it known which they
/// are. In a step of its own the step fails, and its files are thrown away with it. In a turn of an agent the
/// file is put back as it was, and the agent is told. Rejected: a file system that asks before each write,
/// which no rootless sandbox has.</summary>
internal static class CommandFiles
{
    /// <summary>Files of one command that are looked at.</summary>
    public const int FilesMax = 500;

    /// <summary>Bytes of a file that is looked at.</summary>
    public const int FileBytesMax = 1024 * 1024;

    /// <summary>Bytes of all of them, as they are and as they were.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    private const string Restore = """
        if [ "$2" = new ]; then rm -f -- "$1"; else cat > "$1"; fi
        """;

    public static async ValueTask<ToolResult> JudgeAsync(
        GateExecution execution, ToolResult result, CancellationToken cancel)
    {
        if (!execution.Guard.ReadsFiles || execution.Context.Workspace is not { } workspace
            || (!result.Ok && !execution.IsWithin))
        {
            return result;
        }
        AegisError? first = null;
        foreach (var file in await execution.Parts.Sandbox.WrittenAsync(
            workspace, execution.Vaccines.Read, new WrittenLimits(FilesMax, FileBytesMax, BytesMax), cancel))
        {
            if (Proposed(file) is { } proposed && execution.Vaccines.Against([proposed]) is { } stopped)
            {
                first ??= stopped;
                if (execution.IsWithin)
                {
                    await UndoAsync(execution, file, cancel);
                }
            }
        }
        return first is null ? result : ToolResult.Fail(execution.IsWithin
            ? first with { Message = first.Message + "; the file was put back as it was" } : first,
            result.ExitCode, result.Text);
    }

    // what is no text no check reads
    private static ProposedFile? Proposed(WrittenFile file) => file.Now.AsSpan().Contains((byte)0) ? null
        : new ProposedFile(file.Path, Encoding.UTF8.GetString(file.Now),
            file.Before is null ? null : Encoding.UTF8.GetString(file.Before));

    private static async ValueTask UndoAsync(
        GateExecution execution, WrittenFile file, CancellationToken cancel) =>
        await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Restore, "bash",
            "/work/" + file.Path, file.Before is null ? "new" : "old"],
            Stdin: file.Before ?? ReadOnlyMemory<byte>.Empty, Quiet: true), cancel);
}
