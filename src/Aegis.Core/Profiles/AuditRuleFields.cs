using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Findings;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>policies.audit_rules</c>: what a project changes in the Auditor's rules. Whoever loosens
/// one says why and until when.</summary>
internal static class AuditRuleFields
{
    private const string Where = "policies.audit_rules";

    private static readonly Dictionary<string, FindingSeverity> Severities = new(StringComparer.Ordinal)
    {
        ["note"] = FindingSeverity.Note, ["warning"] = FindingSeverity.Warning,
        ["error"] = FindingSeverity.Error,
    };

    public static AuditRules Read(YamlFields policies, List<Diagnostic> errors)
    {
        if (policies.Value("audit_rules") is not { } value
            || YamlFields.Of(value, Where, errors, "blocks_from", "rules") is not { } fields)
        {
            return AuditRules.None;
        }
        var rules = ImmutableSortedDictionary.CreateBuilder<string, RuleWord>(StringComparer.Ordinal);
        foreach (var (rule, said) in fields.Entries("rules"))
        {
            if (rules.Count == AuditRules.RulesMax || rule.Length is 0 or > AuditRules.RuleCharsMax
                || rule.Any(char.IsControl))
            {
                YamlFields.Wrong(errors, said, $"{Where}.rules", $"at most {AuditRules.RulesMax} rules, by "
                    + $"names of at most {AuditRules.RuleCharsMax} characters");
                break;
            }
            if (Word(rule, said, errors) is { } word)
            {
                rules[rule] = word;
            }
        }
        return new AuditRules(fields.Word("blocks_from", Severities), rules.ToImmutable());
    }

    private static RuleWord? Word(string rule, YamlValue said, List<Diagnostic> errors)
    {
        var where = $"{Where}.rules.{rule}";
        if (said is YamlScalar { Text: "error" })
        {
            return new RuleWord(FindingSeverity.Error, null, null);
        }
        if (said is not YamlMap || YamlFields.Of(said, where, errors, "severity", "reason", "until") is not
            { } fields)
        {
            errors.Add(new(said.At, Loose(rule)));
            return null;
        }
        var (severity, reason) = (
            fields.Required("severity"), fields.Text("reason", AuditRules.ReasonCharsMax));
        if (severity is not ("off" or "note" or "warning" or "error"))
        {
            YamlFields.Wrong(errors, fields.Value("severity") ?? said, $"{where}.severity",
                "off, note, warning or error");
            return null;
        }
        var until = Until(fields, where, errors);
        if (severity == "error")
        {
            if (fields.Value("until") is { } end)
            {
                YamlFields.Wrong(errors, end, $"{where}.until", "nothing: a stricter rule has no end");
            }
            return new RuleWord(FindingSeverity.Error, reason, null);
        }
        if (string.IsNullOrWhiteSpace(reason) || until is null)
        {
            errors.Add(new(said.At, Loose(rule)));
            return null;
        }
        return new RuleWord(severity == "off" ? null : Severities[severity], reason, until);
    }

    private static DateOnly? Until(YamlFields fields, string where, List<Diagnostic> errors)
    {
        if (fields.Text("until", 32) is not { } text)
        {
            return null;
        }
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day))
        {
            return day;
        }
        YamlFields.Wrong(errors, fields.Value("until")!, $"{where}.until",
            "a day of UTC, such as 2027-01-31");
        return null;
    }

    private static AegisError Loose(string rule) => new("AEGIS2652",
        $"the Auditor's rule {rule} is loosened without reason or end",
        "error, or {severity: off, note or warning, reason: …, until: a day}", null,
        "say why and until when; see docs/auditor.md");
}
