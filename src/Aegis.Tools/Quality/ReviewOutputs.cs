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

    public static bool IsLong(JsonElement sarif) =>
        Encoding.UTF8.GetByteCount(sarif.GetRawText()) > SarifBytesMax;

    public static JsonElement Of(ReviewEnd end)
    {
        var outputs = new JsonObject
        {
            ["ruleset"] = end.Rules.Name,
            ["blocking"] = end.Verdict.Blocking.Length,
            ["total"] = end.Findings.Length,
            ["scanners"] = new JsonArray([.. end.Scanners.Select(Scanner)]),
            ["sarif"] = !end.SarifIsLong ? JsonNode.Parse(end.Sarif.GetRawText())
                : new JsonObject { ["truncated"] =
                    $"longer than {SarifBytesMax} bytes: it is in the call's log" },
        };
        outputs["findings"] = Listed(end.Findings,
            BytesMax - Encoding.UTF8.GetByteCount(outputs.ToJsonString()));
        return JsonSerializer.SerializeToElement(outputs);
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
