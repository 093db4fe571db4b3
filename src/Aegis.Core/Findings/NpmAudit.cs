using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Findings;

/// <summary>Reads <c>npm audit --json</c> (version 2 of the report): a finding for each advisory. critical
/// and high are errors, moderate is a warning, low and info are notes.</summary>
public static class NpmAudit
{
    public const string Tool = "npm-audit";
    public const int FindingsMax = 10_000;

    /// <param name="file">The lock file that was audited.</param>
    /// <exception cref="FormatException">Not such a report, or beyond the limit; the message is npm's where
    /// it has one.</exception>
    public static ImmutableArray<Finding> Read(JsonElement report, string file)
    {
        try
        {
            if (SarifReader.Number(report, "auditReportVersion") != 2)
            {
                throw new FormatException(SarifReader.Text(report, "message")
                    ?? "not version 2 of npm's audit report");
            }
            ImmutableArray<Finding> findings = [.. report.GetProperty("vulnerabilities").EnumerateObject()
                .SelectMany(package => SarifReader.List(package.Value, "via")
                    .Where(via => via.ValueKind == JsonValueKind.Object)
                    .Select(via => Advisory(via, package.Value, file)))
                .DistinctBy(finding => (finding.Rule, finding.Message))];
            return findings.Length <= FindingsMax ? findings
                : throw new FormatException($"more than {FindingsMax} findings");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"not npm's audit report: {e.Message}");
        }
    }

    private static Finding Advisory(JsonElement via, JsonElement package, string file)
    {
        var url = SarifReader.Text(via, "url") ?? "";
        var rule = url.Length > 0 ? url[(url.LastIndexOf('/') + 1)..]
            : $"npm-{SarifReader.Number(via, "source")}";
        var name = SarifReader.Text(via, "name") ?? SarifReader.Text(package, "name") ?? "a package";
        return new Finding(rule, Tool, SarifReader.Text(via, "severity") switch
        {
            "critical" or "high" => FindingSeverity.Error,
            "moderate" => FindingSeverity.Warning,
            "low" or "info" => FindingSeverity.Note,
            var other => throw new FormatException($"an unknown severity: {other}"),
        }, file, 1, null,
            $"{name} {SarifReader.Text(via, "range")}: {SarifReader.Text(via, "title")}".Trim(),
            Mend(package, url));
    }

    private static string? Mend(JsonElement package, string url)
    {
        var fix = package.TryGetProperty("fixAvailable", out var available) ? available : default;
        return fix.ValueKind switch
        {
            JsonValueKind.Object =>
                $"take {SarifReader.Text(fix, "name")} {SarifReader.Text(fix, "version")}; see {url}",
            JsonValueKind.True => $"npm audit fix takes a version without it; see {url}",
            _ => url.Length > 0 ? $"see {url}" : null,
        };
    }
}
