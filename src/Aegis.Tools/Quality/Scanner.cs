using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Quality;

/// <summary>What one scanner brought.</summary>
internal sealed record ScannerReport(ScannerRun Run, ImmutableArray<Finding> Findings);

/// <summary>A scanner that really runs, in the sandbox, over the files of its kind.</summary>
internal abstract class Scanner
{
    /// <summary>What one command is given: far below the kernel's limit, and its report below what is
    /// captured.</summary>
    private const int BatchFilesMax = 200;

    private const long BatchBytesMax = 4 * 1024 * 1024;
    protected const int ReportBytesMax = 24 * 1024 * 1024;
    protected static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(4);

    public abstract string Name { get; }

    public abstract ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel);

    protected ScannerReport NotRun(string reason, string? version = null) =>
        new(new ScannerRun(Name, false, version, 0, 0, reason), []);

    protected ScannerReport Report(string? version, int files, IEnumerable<Finding> findings, string? reason)
    {
        ImmutableArray<Finding> all = [.. findings];
        return new(new ScannerRun(Name, true, version, files, all.Length, reason), all);
    }

    protected static IEnumerable<ImmutableArray<ReviewFile>> Batches(IEnumerable<ReviewFile> files)
    {
        var batch = ImmutableArray.CreateBuilder<ReviewFile>();
        var bytes = 0L;
        foreach (var file in files)
        {
            if (batch.Count == BatchFilesMax || (batch.Count > 0 && bytes + file.Bytes > BatchBytesMax))
            {
                yield return batch.ToImmutable();
                batch.Clear();
                bytes = 0;
            }
            batch.Add(file);
            bytes += file.Bytes;
        }
        if (batch.Count > 0)
        {
            yield return batch.ToImmutable();
        }
    }

    /// <summary>Paths as arguments: none can be taken for an option.</summary>
    protected static IEnumerable<string> Arguments(IEnumerable<ReviewFile> files) =>
        files.Select(file => "./" + file.Path);

    protected static string Relative(string path, string cwd) =>
        path.StartsWith(cwd + "/", StringComparison.Ordinal) ? path[(cwd.Length + 1)..]
        : path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;

    /// <summary>Why a command gave no report, for people.</summary>
    protected static string Failure(CommandResult result) => result.TimedOut
        ? $"it was ended after {TimeMax.TotalMinutes:0} minutes"
        : $"it ended with exit code {result.ExitCode}: {Said(result) ?? "no message"}";

    // what went wrong stands before the stack, behind the apology
    private static string? Said(CommandResult result)
    {
        var lines = OutputText.Head(result.Stderr.Span, 4096).Split('\n').Select(text => text.Trim())
            .Where(text => text.Length > 0 && !text.StartsWith("Oops!", StringComparison.Ordinal)
                && !text.StartsWith("ESLint:", StringComparison.Ordinal)).Take(2);
        var said = string.Join(' ', lines);
        return said.Length == 0 ? OutputText.LastLine(result) : said.Length > 300 ? said[..300] + "…" : said;
    }

    protected static JsonDocument? TryJson(CommandResult result)
    {
        try
        {
            return result.StdoutBytes > ReportBytesMax ? null : JsonDocument.Parse(result.Stdout);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
