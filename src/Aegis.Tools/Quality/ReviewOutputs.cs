using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Findings;

namespace Aegis.Tools.Quality;

/// <summary>A review's outputs within what a result holds: the SARIF log where it fits, and as many findings
/// as fit beside it, gravest first.</summary>
internal static class ReviewOutputs
{
    public const int FindingsMax = 200;
    public const int SarifBytesMax = 48 * 1024;
    private const int BytesMax = 60 * 1024;
    private const int MessageCharsMax = 300;

    public static (JsonElement Outputs, bool SarifCut) Of(string ruleSet, ReviewVerdict verdict,
        ImmutableArray<ScannerRun> scanners, ImmutableArray<Finding> findings, JsonElement sarif)
    {
        var whole = sarif.GetRawText();
        var cut = Encoding.UTF8.GetByteCount(whole) > SarifBytesMax;
        var outputs = new JsonObject
        {
            ["ruleset"] = ruleSet,
            ["blocking"] = verdict.Blocking.Length,
            ["total"] = findings.Length,
            ["scanners"] = new JsonArray([.. scanners.Select(Scanner)]),
            ["sarif"] = !cut ? JsonNode.Parse(whole)
                : new JsonObject { ["truncated"] =
                    $"longer than {SarifBytesMax} bytes: it is in the call's log" },
        };
        outputs["findings"] = Listed(findings, BytesMax - Encoding.UTF8.GetByteCount(outputs.ToJsonString()));
        return (JsonSerializer.SerializeToElement(outputs), cut);
    }

    private static JsonArray Listed(ImmutableArray<Finding> findings, int room)
    {
        var listed = new JsonArray();
        foreach (var finding in findings.Take(FindingsMax))
        {
            var entry = Entry(finding);
            room -= Encoding.UTF8.GetByteCount(entry.ToJsonString()) + 1;
            if (room < 0)
            {
                break;
            }
            listed.Add(entry);
        }
        return listed;
    }

    private static JsonNode Scanner(ScannerRun scanner) => new JsonObject
    {
        ["name"] = scanner.Name,
        ["status"] = scanner.Ran ? "ran" : "not_run",
        ["version"] = scanner.Version,
        ["files"] = scanner.FilesScanned,
        ["findings"] = scanner.Findings,
        ["reason"] = scanner.Reason,
    };

    private static JsonObject Entry(Finding finding) => new()
    {
        ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
        ["tool"] = finding.Tool,
        ["rule"] = finding.Rule,
        ["file"] = finding.File,
        ["line"] = finding.Line,
        ["column"] = finding.Column,
        ["message"] = finding.Message.Length > MessageCharsMax ? finding.Message[..MessageCharsMax]
            : finding.Message,
        ["mend"] = finding.Mend,
    };
}
