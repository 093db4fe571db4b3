using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Findings;

namespace Aegis.Tools.Forge;

/// <summary>What a review found, as qa.review puts it out, and how it becomes annotations.</summary>
internal static class CheckFindings
{
    private const int MessageCharsMax = 4_000;
    private const int TitleCharsMax = 255;

    /// <summary>From a SARIF log; where there is none, or qa.review cut it, from its list of
    /// findings.</summary>
    public static (ImmutableArray<Finding> Findings, AegisError? Error) Read(JsonElement? sarif,
        JsonElement? findings)
    {
        try
        {
            var log = Given(sarif);
            if (log is { } whole && !(whole.ValueKind == JsonValueKind.Object
                && whole.TryGetProperty("truncated", out _)))
            {
                return (OfSarif(whole), null);
            }
            return Given(findings) is { } list ? (OfList(list), null)
                : log is null ? ([], null)
                : ([], Wrong("sarif was cut by qa.review", "add findings: ${{ steps.ID.outputs.findings }}"));
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException
            or InvalidOperationException)
        {
            return ([], Wrong(e.Message, "give them as qa.review puts them out"));
        }
    }

    /// <param name="folder">Of the review, relative to the repository; empty where they are the
    /// same.</param>
    public static JsonObject Annotation(Finding finding, string folder)
    {
        var line = Math.Max(1, finding.Line);
        var message = finding.Mend is null ? finding.Message : $"{finding.Message} ({finding.Mend})";
        var annotation = new JsonObject
        {
            ["path"] = folder.Length == 0 ? finding.File : $"{folder.Trim('/')}/{finding.File}",
            ["start_line"] = line,
            ["end_line"] = line,
            ["annotation_level"] = finding.Severity switch
            {
                FindingSeverity.Error => "failure",
                FindingSeverity.Warning => "warning",
                _ => "notice",
            },
            ["message"] = Cut(message.Length == 0 ? finding.Rule : message, MessageCharsMax),
            ["title"] = Cut($"{finding.Tool}: {finding.Rule}", TitleCharsMax),
        };
        if (finding.Column is > 0 and var column)
        {
            annotation["start_column"] = column;
            annotation["end_column"] = column;
        }
        return annotation;
    }

    public static string Count(IReadOnlyCollection<Finding> findings) => findings.Count == 0 ? "No findings."
        : string.Join(", ", findings.GroupBy(f => f.Severity).OrderByDescending(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}{(g.Count() == 1 ? "" : "s")}"))
            + ".";

    // each run is a scanner's own
    private static ImmutableArray<Finding> OfSarif(JsonElement log) =>
    [
        .. log.GetProperty("runs").EnumerateArray().SelectMany(run =>
        {
            var name = run.GetProperty("tool").GetProperty("driver").GetProperty("name").GetString()!;
            var alone = new JsonObject
            {
                ["version"] = log.GetProperty("version").GetString(),
                ["runs"] = new JsonArray(JsonNode.Parse(run.GetRawText())),
            };
            return SarifReader.Read(JsonSerializer.SerializeToElement(alone), name, "").Findings;
        }).OrderByDescending(f => f.Severity).ThenBy(f => f.File, StringComparer.Ordinal).ThenBy(f => f.Line),
    ];

    private static ImmutableArray<Finding> OfList(JsonElement list) =>
    [
        .. list.EnumerateArray().Select(f => new Finding(f.GetProperty("rule").GetString()!,
            f.GetProperty("tool").GetString()!,
            Enum.Parse<FindingSeverity>(f.GetProperty("severity").GetString()!, ignoreCase: true),
            f.GetProperty("file").GetString()!, f.GetProperty("line").GetInt32(),
            f.TryGetProperty("column", out var c) && c.ValueKind == JsonValueKind.Number ? c.GetInt32()
                : null,
            f.GetProperty("message").GetString()!,
            f.TryGetProperty("mend", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString()
                : null)),
    ];

    // an expression inside other words gives JSON as text; a step that was skipped gives null
    private static JsonElement? Given(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        { ValueKind: JsonValueKind.String } text when string.IsNullOrWhiteSpace(text.GetString()) => null,
        { ValueKind: JsonValueKind.String } text => JsonElement.Parse(text.GetString()!),
        _ => value,
    };

    private static string Cut(string text, int charsMax) =>
        text.Length <= charsMax ? text : text[..(charsMax - 1)] + "…";

    private static AegisError Wrong(string why, string mend) => new("AEGIS2400",
        "the findings of the check cannot be read", "SARIF 2.1.0, or the findings of qa.review", why, mend);
}
