using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Aegis.Core.Findings;

/// <summary>What a SARIF log says of a rule.</summary>
/// <param name="Messages">Its message forms by their ids.</param>
internal sealed record SarifRule(string Id, string? Level, double? SecuritySeverity, string? Description,
    string? HelpUri, ImmutableDictionary<string, string> Messages)
{
    public static SarifRule Unknown(string id) =>
        new(id, null, null, null, null, ImmutableDictionary<string, string>.Empty);
}

/// <summary>The rules of one run, of the driver and its extensions.</summary>
internal sealed class SarifRules
{
    private readonly List<SarifRule> driver = [];
    private readonly Dictionary<string, SarifRule> byId = new(StringComparer.Ordinal);

    public static SarifRules Of(JsonElement run)
    {
        var rules = new SarifRules();
        var tool = run.GetProperty("tool");
        rules.driver.AddRange(SarifReader.List(tool.GetProperty("driver"), "rules").Select(Rule));
        foreach (var rule in rules.driver.Concat(SarifReader.List(tool, "extensions")
            .SelectMany(extension => SarifReader.List(extension, "rules")).Select(Rule)))
        {
            rules.byId.TryAdd(rule.Id, rule);
        }
        return rules;
    }

    /// <summary>By id, by the part of a hierarchical id that is known, or by index.</summary>
    public SarifRule Find(JsonElement result)
    {
        var id = SarifReader.Text(result, "ruleId")
            ?? (result.TryGetProperty("rule", out var reference) ? SarifReader.Text(reference, "id") : null);
        for (var part = id; !string.IsNullOrEmpty(part);)
        {
            if (byId.TryGetValue(part, out var rule))
            {
                return rule with { Id = id! };
            }
            part = part.LastIndexOf('/') is var slash and > 0 ? part[..slash] : null;
        }
        return id is null && SarifReader.Number(result, "ruleIndex") is { } index && index >= 0
            && index < driver.Count ? driver[index] : SarifRule.Unknown(id ?? "unnamed");
    }

    private static SarifRule Rule(JsonElement rule)
    {
        var messages = rule.TryGetProperty("messageStrings", out var forms)
            && forms.ValueKind == JsonValueKind.Object
            ? forms.EnumerateObject().Where(form => SarifReader.Text(form.Value, "text") is not null)
                .ToImmutableDictionary(form => form.Name, form => SarifReader.Text(form.Value, "text")!)
            : ImmutableDictionary<string, string>.Empty;
        return new SarifRule(SarifReader.Text(rule, "id") ?? "unnamed",
            rule.TryGetProperty("defaultConfiguration", out var configuration)
                ? SarifReader.Text(configuration, "level") : null,
            Score(rule),
            rule.TryGetProperty("shortDescription", out var description)
                ? SarifReader.Text(description, "text") : null,
            SarifReader.Text(rule, "helpUri"), messages);
    }

    // written as text by most, as a number by some
    private static double? Score(JsonElement rule) =>
        rule.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object
            && properties.TryGetProperty("security-severity", out var score)
            && double.TryParse(score.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture,
                out var number) ? number : null;
}
