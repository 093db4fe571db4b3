using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Discovery;
using Aegis.Processes;

namespace Aegis.Discovery.Programs;

/// <summary>Asks one program for its version: without the caller's environment, in an empty folder that is
/// its home, without a terminal or input, for a bounded time and up to a bounded length.</summary>
/// <param name="home">An empty folder of ours.</param>
/// <param name="path">The PATH that the program sees.</param>
internal sealed class VersionAsker(ProcessLauncher launcher, string home, string path)
{
    /// <summary>What is read of each of the two outputs.</summary>
    public const int OutputBytesMax = 16 * 1024;

    /// <returns>The version, or why there is none.</returns>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<(string? Version, string? Why)> AskAsync(
        VersionQuestion question, string program, CancellationToken cancel)
    {
        try
        {
            // what is left of its group dies with it, whatever happens here
            await using var process = await launcher.StartAsync(
                new ProcessSpec(program, question.Arguments, Environment(question), home), cancel);
            var output = Task.WhenAll(ReadAsync(process, process.Stdout), ReadAsync(process, process.Stderr));
            var printed = await output.WaitAsync(cancel);
            var exit = await process.Exited.WaitAsync(cancel);
            return question.VersionIn(string.Join('\n', printed.Select(p => p.Text))) is { } version
                ? (version, null)
                : (null, printed.Any(p => p.IsFull) ? $"it prints more than {OutputBytesMax} bytes"
                    : exit.ExitCode is 0 ? "it says no version that is understood"
                    : $"it ended with {exit.ShellCode}");
        }
        catch (ProcessStartException e)
        {
            return (null, e.Message);
        }
    }

    private ImmutableSortedDictionary<string, string> Environment(VersionQuestion question) =>
        new Dictionary<string, string>
        {
            ["PATH"] = path,
            ["HOME"] = home,
            ["TMPDIR"] = home,
            ["LC_ALL"] = "C.UTF-8",
            ["NO_COLOR"] = "1",
            ["CI"] = "1",
            ["DO_NOT_TRACK"] = "1",
        }.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItems(question.Environment);

    // pipes block their thread: one of its own, so that the pool does not wait for slow programs
    private static Task<(string Text, bool IsFull)> ReadAsync(LaunchedProcess process, Stream stream) =>
        Task.Factory.StartNew(() =>
        {
            var buffer = new byte[OutputBytesMax + 1];
            var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (read > OutputBytesMax)
            {
                // it would wait for ever for somebody to read the rest
                process.KillTree();
            }
            var text = Encoding.UTF8.GetString(buffer, 0, Math.Min(read, OutputBytesMax));
            return (text, read > OutputBytesMax);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
