using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Core.Findings;

/// <summary>Findings of several scanners as one SARIF 2.1.0 log, a run for each scanner. A scanner that did
/// not run is a run whose invocation was not successful, with the reason.</summary>
public static class SarifLog
{
    public static JsonElement Of(IEnumerable<ScannerRun> scanners, IReadOnlyCollection<Finding> findings)
    {
        var runs = new JsonArray();
        foreach (var scanner in scanners)
        {
            runs.Add(Run(scanner, [.. findings.Where(finding => finding.Tool == scanner.Name)]));
        }
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = runs,
        });
    }

    private static JsonObject Run(ScannerRun scanner, Finding[] findings)
    {
        var rules = findings.Select(finding => finding.Rule).Distinct(StringComparer.Ordinal).ToList();
        var driver = new JsonObject
        {
            ["name"] = scanner.Name,
            ["rules"] = new JsonArray([.. rules.Select(rule => new JsonObject { ["id"] = rule })]),
        };
        if (scanner.Version is not null)
        {
            driver["version"] = scanner.Version;
        }
        var invocation = new JsonObject { ["executionSuccessful"] = scanner.Ran };
        if (scanner.Reason is not null)
        {
            invocation["toolExecutionNotifications"] = new JsonArray(new JsonObject
            {
                ["level"] = scanner.Ran ? "note" : "error",
                ["message"] = Text(scanner.Reason),
            });
        }
        return new JsonObject
        {
            ["tool"] = new JsonObject { ["driver"] = driver },
            ["invocations"] = new JsonArray(invocation),
            ["results"] = new JsonArray([.. findings.Select(finding => Result(finding, rules))]),
        };
    }

    private static JsonObject Result(Finding finding, List<string> rules)
    {
        var region = new JsonObject { ["startLine"] = Math.Max(1, finding.Line) };
        if (finding.Column is > 0)
        {
            region["startColumn"] = finding.Column;
        }
        return new JsonObject
        {
            ["ruleId"] = finding.Rule,
            ["ruleIndex"] = rules.IndexOf(finding.Rule),
            ["level"] = finding.Severity switch
            {
                FindingSeverity.Error => "error",
                FindingSeverity.Warning => "warning",
                _ => "note",
            },
            ["message"] = Text(finding.Mend is null ? finding.Message
                : $"{finding.Message} ({finding.Mend})"),
            ["locations"] = new JsonArray(new JsonObject
            {
                ["physicalLocation"] = new JsonObject
                {
                    ["artifactLocation"] = new JsonObject { ["uri"] = Uri(finding.File) },
                    ["region"] = region,
                },
            }),
        };
    }

    private static JsonObject Text(string text) => new() { ["text"] = text };

    // a relative reference by RFC 3986: each part escaped, the slashes kept
    private static string Uri(string file) =>
        string.Join('/', file.Split('/').Select(System.Uri.EscapeDataString));
}
