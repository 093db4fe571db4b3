using Aegis.Core.Findings;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

// npm that is told to be offline, as the sandboxes' own configuration does, audits nothing and reports zero
// vulnerabilities with exit code 0: it is told not to be, so that without a registry it fails instead.

/// <summary>npm's advisories for each lock file. It needs the registry's advisories.</summary>
internal sealed class NpmAuditScanner : Scanner
{
    private const int LocksMax = 20;

    private const string Audit = """
        cd -- "$1" || exit 44
        [ -x /usr/bin/npm ] || [ -x /usr/local/bin/npm ] || exit 43
        npm audit --json --package-lock-only --offline=false --audit=true --fetch-retries=0 \
          --fetch-timeout=30000
        """;

    private const string Version = "npm --version";

    public override string Name => NpmAudit.Tool;

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        var locks = tree.Of("npm");
        if (locks.Length is 0 or > LocksMax)
        {
            return NotRun(locks.IsEmpty ? "there is no lock file of npm"
                : $"more than {LocksMax} lock files");
        }
        var version = (await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Version], Quiet: true),
            cancel)).StdoutText.Trim();
        var findings = new List<Finding>();
        foreach (var file in locks)
        {
            var folder = Path.GetDirectoryName(file.Path) is { Length: > 0 } below
                ? $"{tree.Cwd}/{below}" : tree.Cwd;
            var result = await execution.SandboxAsync(new SandboxCommand(
                ["bash", "-c", Audit, "bash", folder], Quiet: true, Timeout: TimeMax,
                CaptureBytesMax: ReportBytesMax), cancel);
            using var json = result.ExitCode is 0 or 1 && !result.TimedOut ? TryJson(result) : null;
            if (json is null)
            {
                return NotRun(result.ExitCode == 43 ? "npm is not installed" : Failure(result));
            }
            try
            {
                findings.AddRange(NpmAudit.Read(json.RootElement, file.Path));
            }
            catch (FormatException e)
            {
                return NotRun($"npm has no advisories to compare with: {e.Message}", version);
            }
        }
        return Report(version, locks.Length, findings, null);
    }
}
