using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Aegis.Core.Findings;

/// <summary>What a scanner's SARIF log says.</summary>
/// <param name="Suppressed">Results that the project or a baseline has taken out.</param>
/// <param name="Failure">Why the scanner itself says that it did not do its work; null where it did.</param>
public sealed record SarifFindings(ImmutableArray<Finding> Findings, int Suppressed, string? Failure);

/// <summary>Reads SARIF 2.1.0. Severity: the result's level, else its rule's, else what the scanner means by
/// none (warning, by the standard); the level none is a note. Where the rule has a <c>security-severity</c>
/// (7 and above error, 4 and above warning), the graver of the two.</summary>
public static class SarifReader
{
    public const int FindingsMax = 10_000;
    private const int MessageCharsMax = 2_000;

    /// <param name="folder">What was scanned: absolute paths become relative to it.</param>
    /// <exception cref="FormatException">Not such a log, or beyond the limit.</exception>
    public static SarifFindings Read(JsonElement log, string tool, string folder,
        FindingSeverity unstated = FindingSeverity.Warning)
    {
        try
        {
            if (log.GetProperty("version").GetString() != "2.1.0")
            {
                throw new FormatException("not SARIF 2.1.0");
            }
            var runs = log.GetProperty("runs").EnumerateArray()
                .Select(run => Run(run, tool, folder, unstated)).ToList();
            ImmutableArray<Finding> findings = [.. runs.SelectMany(run => run.Findings)];
            return findings.Length <= FindingsMax
                ? new(findings, runs.Sum(run => run.Suppressed),
                    runs.Count == 0 ? "its log holds no run"
                        : runs.Select(run => run.Failure).FirstOrDefault(failure => failure is not null))
                : throw new FormatException($"more than {FindingsMax} findings");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"not SARIF 2.1.0: {e.Message}");
        }
    }

    private static SarifFindings Run(JsonElement run, string tool, string folder,
        FindingSeverity unstated)
    {
        var rules = SarifRules.Of(run);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var suppressed = 0;
        foreach (var result in List(run, "results"))
        {
            var kind = Text(result, "kind") ?? "fail";
            if (kind is "pass" or "notApplicable")
            {
                continue;
            }
            if (Text(result, "baselineState") == "absent" || List(result, "suppressions").Any(IsInForce))
            {
                suppressed++;
                continue;
            }
            var rule = rules.Find(result);
            var (file, line, column) = Place(run, result, folder);
            findings.Add(new Finding(rule.Id, tool,
                kind == "fail" ? Severity(result, rule, unstated) : FindingSeverity.Note, file, line, column,
                Message(result, rule), rule.HelpUri is { } help ? $"see {help}" : null));
        }
        return new(findings.ToImmutable(), suppressed, Failure(run));
    }

    // a suppression that is only asked for, or was turned down, hides nothing
    private static bool IsInForce(JsonElement suppression) =>
        Text(suppression, "status") is null or "accepted";

    private static FindingSeverity Severity(JsonElement result, SarifRule rule, FindingSeverity unstated)
    {
        var level = (Text(result, "level") ?? rule.Level) switch
        {
            null => unstated,
            "error" => FindingSeverity.Error,
            "warning" => FindingSeverity.Warning,
            _ => FindingSeverity.Note,
        };
        var score = rule.SecuritySeverity switch
        {
            >= 7 => FindingSeverity.Error,
            >= 4 => FindingSeverity.Warning,
            _ => FindingSeverity.Note,
        };
        return level > score ? level : score;
    }

    private static string Message(JsonElement result, SarifRule rule)
    {
        var text = rule.Description ?? rule.Id;
        if (result.TryGetProperty("message", out var message))
        {
            text = Text(message, "text")
                ?? (Text(message, "id") is { } id && rule.Messages.GetValueOrDefault(id) is { } form
                    ? Filled(form, List(message, "arguments")) : text);
        }
        text = text.Trim();
        return text.Length <= MessageCharsMax ? text : text[..MessageCharsMax] + "…";
    }

    private static string Filled(string form, IEnumerable<JsonElement> arguments)
    {
        var number = 0;
        foreach (var argument in arguments)
        {
            var hole = string.Create(CultureInfo.InvariantCulture, $"{{{number++}}}");
            form = form.Replace(hole, argument.GetString(), StringComparison.Ordinal);
        }
        return form;
    }

    private static (string File, int Line, int? Column) Place(JsonElement run, JsonElement result,
        string folder)
    {
        foreach (var location in List(result, "locations"))
        {
            if (!location.TryGetProperty("physicalLocation", out var physical)
                || !physical.TryGetProperty("artifactLocation", out var artifact)
                || Text(artifact, "uri") is not { } uri)
            {
                continue;
            }
            var region = physical.TryGetProperty("region", out var found) ? found : default;
            return (PathOf(run, artifact, uri, folder), Math.Max(1, Number(region, "startLine") ?? 1),
                Number(region, "startColumn"));
        }
        return (".", 1, null);
    }

    private static string PathOf(JsonElement run, JsonElement artifact, string uri, string folder)
    {
        if (!uri.Contains("://", StringComparison.Ordinal) && !uri.StartsWith('/')
            && Text(artifact, "uriBaseId") is { } name
            && run.TryGetProperty("originalUriBaseIds", out var bases)
            && bases.TryGetProperty(name, out var start) && Text(start, "uri") is { } prefix)
        {
            uri = prefix + uri;
        }
        var path = Uri.TryCreate(uri, UriKind.Absolute, out var absolute) && absolute.IsFile
            ? absolute.LocalPath : Uri.UnescapeDataString(uri);
        return path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..]
            : path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
    }

    private static string? Failure(JsonElement run)
    {
        var failed = List(run, "invocations").FirstOrDefault(invocation =>
            invocation.TryGetProperty("executionSuccessful", out var ok)
                && ok.ValueKind == JsonValueKind.False);
        return failed.ValueKind == JsonValueKind.Undefined ? null
            : List(failed, "toolExecutionNotifications").Select(notification =>
                notification.TryGetProperty("message", out var message) ? Text(message, "text") : null)
                .FirstOrDefault(text => text is not null) ?? "it says that it did not do its work";
    }

    internal static IEnumerable<JsonElement> List(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var list)
            && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    internal static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static int? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
