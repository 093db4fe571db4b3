using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Tools.Git;

namespace Aegis.Server.Forge;

/// <summary>How a git command on the host ended, with the first bytes of its output.</summary>
public sealed record GitAnswer(int ExitCode, string Output, string Error)
{
    public bool Ok => ExitCode == 0;

    /// <summary>The last line of stderr that says something.</summary>
    public string LastError => Error.TrimEnd().Split('\n')[^1].Trim() is { Length: > 0 } line
        ? line[..Math.Min(line.Length, 400)]
        : $"exit code {ExitCode}";
}

/// <summary>Runs git for the forge, on bare repositories that it made itself, as <see cref="HostGit"/>
/// says.</summary>
public sealed class GitProcess(ProcessLauncher launcher)
{
    /// <summary>What is kept of each output channel; a listing that is longer is an error, not a half
    /// answer.</summary>
    public const int OutputBytesMax = 32 << 20;

    /// <summary>Starts git and leaves its streams to the caller.</summary>
    public ValueTask<LaunchedProcess> StartAsync(ImmutableArray<string> arguments, StdinMode stdin,
        ImmutableSortedDictionary<string, string>? environment, CancellationToken cancel) =>
        launcher.StartAsync(new ProcessSpec(HostGit.Program, arguments,
            HostGit.Environment.SetItems(environment ?? ImmutableSortedDictionary<string, string>.Empty),
            Stdin: stdin), cancel);

    /// <summary>Runs a command on a bare repository.</summary>
    public Task<GitAnswer> OnAsync(string gitDirectory, CancellationToken cancel,
        params ReadOnlySpan<string> arguments) => RunAsync(HostGit.On(gitDirectory, arguments), cancel);

    public async Task<GitAnswer> RunAsync(ImmutableArray<string> arguments, CancellationToken cancel)
    {
        await using var process = await StartAsync(arguments, StdinMode.Null, null, cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(HostGit.TimeMax);
        await using var kill = limit.Token.Register(process.KillTree);
        var output = ReadAsync(process.Stdout);
        var error = ReadAsync(process.Stderr);
        await Task.WhenAll(output, error);
        var exit = await process.Exited;
        cancel.ThrowIfCancellationRequested();
        return new GitAnswer(exit.ShellCode, await output, await error);
    }

    /// <summary>Runs a command that has to work; AEGIS2139 otherwise.</summary>
    public async Task<string> MustAsync(
        string gitDirectory, CancellationToken cancel, params string[] arguments)
    {
        var answer = await OnAsync(gitDirectory, cancel, arguments);
        return answer.Ok ? answer.Output : throw new AegisException(Failed(arguments[0], answer));
    }

    public static AegisError Failed(string what, GitAnswer answer) =>
        new("AEGIS2139", $"the repository of the forge refused: {what}", null, answer.LastError);

    internal static async Task<string> ReadAsync(Stream stream)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            if (kept.Length + read > OutputBytesMax)
            {
                throw new AegisException(
                    new AegisError("AEGIS2139", "the repository of the forge is too large",
                    $"at most {OutputBytesMax} bytes of names"));
            }
            kept.Write(buffer, 0, read);
        }
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }
}
