using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Findings;

/// <summary>Reads SonarQube's generic issue format, old (severity on each issue) and new (rules with
/// impacts). BLOCKER, CRITICAL and HIGH are errors, MAJOR and MEDIUM warnings, MINOR, LOW and INFO notes; the
/// graver of severity and impacts counts.</summary>
public static class SonarIssues
{
    public const string Tool = "sonar";
    public const int FindingsMax = 10_000;

    /// <exception cref="FormatException">Not such a report, or beyond the limit.</exception>
    public static ImmutableArray<Finding> Read(JsonElement report)
    {
        try
        {
            var rules = SarifReader.List(report, "rules")
                .Where(rule => SarifReader.Text(rule, "id") is not null)
                .DistinctBy(rule => SarifReader.Text(rule, "id"))
                .ToDictionary(rule => SarifReader.Text(rule, "id")!, StringComparer.Ordinal);
            ImmutableArray<Finding> findings = [.. report.GetProperty("issues").EnumerateArray()
                .Select(issue => Issue(issue, rules)).Take(FindingsMax + 1)];
            return findings.Length <= FindingsMax ? findings
                : throw new FormatException($"more than {FindingsMax} findings");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"not SonarQube's generic issues: {e.Message}");
        }
    }

    private static Finding Issue(JsonElement issue, Dictionary<string, JsonElement> rules)
    {
        var id = SarifReader.Text(issue, "ruleId") ?? throw new FormatException("an issue names no ruleId");
        var rule = rules.GetValueOrDefault(id);
        var severities = new[] { issue, rule }.SelectMany(SeveritiesOf).ToArray();
        var place = issue.GetProperty("primaryLocation");
        var range = place.TryGetProperty("textRange", out var found) ? found : default;
        var engine = SarifReader.Text(issue, "engineId") ?? SarifReader.Text(rule, "engineId");
        return new Finding(engine is null ? id : $"{engine}:{id}", Tool,
            severities.Length == 0 ? FindingSeverity.Warning : severities.Max(),
            place.GetProperty("filePath").GetString() ?? ".",
            Math.Max(1, SarifReader.Number(range, "startLine") ?? 1),
            // columns count from 0 there
            SarifReader.Number(range, "startColumn") + 1,
            SarifReader.Text(place, "message") ?? SarifReader.Text(rule, "name") ?? id);
    }

    private static IEnumerable<FindingSeverity> SeveritiesOf(JsonElement owner) =>
        SarifReader.List(owner, "impacts").Select(impact => SarifReader.Text(impact, "severity"))
            .Append(SarifReader.Text(owner, "severity")).OfType<string>().Select(text => text switch
            {
                "BLOCKER" or "CRITICAL" or "HIGH" => FindingSeverity.Error,
                "MAJOR" or "MEDIUM" => FindingSeverity.Warning,
                "MINOR" or "LOW" or "INFO" => FindingSeverity.Note,
                _ => throw new FormatException($"an unknown severity: {text}"),
            });
}
