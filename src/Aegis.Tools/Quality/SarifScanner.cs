using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Quality;

/// <summary>Runs a scanner that writes SARIF, where it is installed.</summary>
internal sealed class SarifScanner(SarifTool tool) : Scanner
{
    private const int NotInstalled = 43;
    private const int SomethingMissing = 45;

    private const string Probe = """
        for p in /opt/aegis/scanners /usr/local/bin /usr/bin; do
          [ -x "$p/$1" ] && { echo "$p/$1"; "$p/$1" "$2" 2>/dev/null; exit 0; }
        done
        exit 43
        """;

    private const string Enter = """cd -- "$1" || exit 44; shift; """;

    public override string Name => tool.Name;

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        var files = tool.Kind is { } kind ? tree.Of(kind) : tree.Files;
        if (files.IsEmpty)
        {
            return NotRun($"there is nothing of its kind ({tool.Kind})");
        }
        var probe = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Probe, "bash", tool.Name, tool.Version], Quiet: true), cancel);
        if (!probe.Ok)
        {
            return NotRun(probe.ExitCode == NotInstalled ? $"{tool.Name} is not installed" : Failure(probe));
        }
        var lines = probe.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var version = VersionIn(string.Join(' ', lines.Skip(1)));
        var findings = new List<Finding>();
        var suppressed = 0;
        foreach (var batch in tool.Kind is null ? [[]] : Batches(files))
        {
            var result = await execution.SandboxAsync(new SandboxCommand(
                ["bash", "-c", Enter + tool.Scan, "bash", tree.Cwd, lines[0], .. Arguments(batch)],
                Quiet: true, Timeout: TimeMax, CaptureBytesMax: ReportBytesMax), cancel);
            var (found, why) = Read(result, tree.Cwd);
            if (found is null)
            {
                return NotRun(why!, version);
            }
            findings.AddRange(found.Findings);
            suppressed += found.Suppressed;
        }
        // a scanner of whole folders also looks where git ignores, and beside the paths that were asked for
        var reviewed = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var outside = findings.RemoveAll(finding => finding.File != "." && !reviewed.Contains(finding.File));
        return Report(version, files.Length, findings, Remarks(suppressed, outside));
    }

    private static string? Remarks(int suppressed, int outside)
    {
        string?[] remarks =
        [
            suppressed > 0 ? $"{suppressed} findings are suppressed by the project" : null,
            outside > 0 ? $"{outside} findings are in files that are not reviewed" : null,
        ];
        return string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    private (SarifFindings? Found, string? Why) Read(CommandResult result, string cwd)
    {
        if (result.ExitCode == SomethingMissing && !result.TimedOut)
        {
            return (null, OutputText.LastLine(result));
        }
        using var json = result.Ok ? TryJson(result) : null;
        if (json is null)
        {
            return (null, Failure(result));
        }
        try
        {
            var found = SarifReader.Read(json.RootElement, tool.Name, cwd, tool.Unstated);
            return found.Failure is null ? (found, null) : (null, found.Failure);
        }
        catch (FormatException e)
        {
            return (null, $"its report cannot be read: {e.Message}");
        }
    }

    private static string? VersionIn(string said) =>
        said.Split((char[])[' ', ',', ':'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.TrimStart('v')).FirstOrDefault(word => word.Length > 0
                && char.IsAsciiDigit(word[0]) && word.Contains('.', StringComparison.Ordinal));
}
