using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Policy.Rules;

/// <summary>Reads <c>policies.rules</c> of a profile, and tries each rule on its own examples: a rule that
/// does not do what its writer says is an error of the file.</summary>
internal static class RuleFields
{
    public const int RulesMax = 200;
    public const int ExamplesMax = 100;
    public const int PatternsMax = 50;
    public const int TextMax = 500;

    private const string ShellTool = "shell.exec";

    public static ImmutableArray<ArgumentRule> Read(YamlFields policies, List<Diagnostic> errors)
    {
        var items = policies.Items("rules").ToList();
        if (items.Count > RulesMax)
        {
            YamlFields.Wrong(errors, policies.Value("rules")!, "policies.rules", $"at most {RulesMax} rules");
            return [];
        }
        var rules = ImmutableArray.CreateBuilder<ArgumentRule>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (Rule(item, errors) is not { } rule)
            {
                continue;
            }
            if (!seen.Add(rule.Id))
            {
                YamlFields.Wrong(errors, item, "policies.rules.id",
                    $"a name of its own, not {rule.Id} again");
            }
            rules.Add(rule);
        }
        return rules.ToImmutable();
    }

    private static ArgumentRule? Rule(YamlValue item, List<Diagnostic> errors)
    {
        const string where = "policies.rules";
        var before = errors.Count;
        if (YamlFields.Of(item, where, errors, "id", "tools", "where", "command", "decision", "reason",
            "mend", "examples") is not { } fields)
        {
            return null;
        }
        var id = fields.Required("id", IdRule.LengthMax) ?? "";
        if (id.Length > 0 && !IdRule.IsValid(id))
        {
            YamlFields.Wrong(errors, fields.Value("id")!, $"{where}.id", "letters, digits, '.', '_', '-'");
        }
        var tools = Texts(fields.Value("tools"), $"{where}.tools", errors, ToolPattern.IsValid,
            "names of tools, such as git.push or git.*");
        var command = Command(fields, where, errors);
        if (fields.Value("tools") is null)
        {
            tools = command is null ? ["*"] : [ShellTool, "process.spawn"];
        }
        var rule = new ArgumentRule(id, tools, Where(fields, where, errors), command,
            Verdict(fields, where, errors), fields.Required("reason", TextMax) ?? "",
            fields.Text("mend", TextMax), Examples(fields, tools, errors));
        if (errors.Count > before)
        {
            return null;
        }
        Try(rule, errors);
        return rule;
    }

    private static Decision Verdict(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var text = fields.Required("decision", 16);
        if (text is not (null or "deny" or "ask"))
        {
            YamlFields.Wrong(errors, fields.Value("decision")!, $"{where}.decision", "deny or ask");
        }
        return text == "ask" ? Decision.Ask : Decision.Deny;
    }

    private static AllowEntry? Command(YamlFields fields, string where, List<Diagnostic> errors)
    {
        if (fields.Text("command") is not { } text)
        {
            return null;
        }
        var parsed = AllowEntry.Parse(text);
        if (parsed.Error is { } error)
        {
            YamlFields.Wrong(errors, fields.Value("command")!, $"{where}.command",
                $"a program and its first words ({error.Message})");
        }
        return parsed.Entry;
    }

    private static ImmutableArray<MemberMatch> Where(YamlFields fields, string where,
        List<Diagnostic> errors)
    {
        var found = ImmutableArray.CreateBuilder<MemberMatch>();
        foreach (var (path, value) in fields.Entries("where"))
        {
            found.Add(new MemberMatch(path, Texts(value, $"{where}.where.{path}", errors,
                t => t.Length <= TextMax,
                "a text or a list of texts, * for any characters, \"\" for left out")));
        }
        return found.ToImmutable();
    }

    private static ImmutableArray<string> Texts(YamlValue? value, string where, List<Diagnostic> errors,
        Func<string, bool> valid, string expected)
    {
        List<YamlValue> items = value switch
        {
            null => [],
            YamlList list => list.Items,
            _ => [value],
        };
        if (items.Count > PatternsMax || (value is YamlList && items.Count == 0))
        {
            YamlFields.Wrong(errors, value!, where, $"1 to {PatternsMax} of {expected}");
            return [];
        }
        foreach (var item in items.Where(i => i is not YamlScalar s || !valid(s.Text)))
        {
            YamlFields.Wrong(errors, item, where, expected);
        }
        return [.. items.OfType<YamlScalar>().Select(s => s.Text)];
    }

    private static ImmutableArray<RuleExample> Examples(YamlFields rule, ImmutableArray<string> tools,
        List<Diagnostic> errors)
    {
        const string where = "policies.rules.examples";
        if (rule.Value("examples") is not { } value
            || YamlFields.Of(value, where, errors, "hits", "passes") is not { } fields)
        {
            return [];
        }
        var found = ImmutableArray.CreateBuilder<RuleExample>();
        foreach (var (name, hits) in ((string, bool)[])[("hits", true), ("passes", false)])
        {
            found.AddRange(fields.Items(name).Select(i => Example(i, hits, tools, errors))
                .OfType<RuleExample>());
        }
        if (found.Count > ExamplesMax)
        {
            YamlFields.Wrong(errors, value, where, $"at most {ExamplesMax} examples");
        }
        return found.ToImmutable();
    }

    private static RuleExample? Example(YamlValue item, bool hits, ImmutableArray<string> tools,
        List<Diagnostic> errors)
    {
        if (item is YamlScalar line)
        {
            var tool = tools.Any(t => ToolPattern.Covers(t, ShellTool)) ? ShellTool
                : tools.FirstOrDefault() ?? ShellTool;
            return new RuleExample(hits, tool, JsonSerializer.SerializeToElement(
                new Dictionary<string, string> { ["cmd"] = line.Text }), line.Text, item.At);
        }
        const string where = "policies.rules.examples";
        if (YamlFields.Of(item, where, errors, "tool", "input") is not { } fields
            || fields.Required("tool", ToolPattern.LengthMax) is not { } named)
        {
            return null;
        }
        var input = fields.Value("input") is { } given ? YamlJson.Of(given) : new JsonObject();
        return new RuleExample(hits, named, JsonSerializer.SerializeToElement(input), null, item.At);
    }

    private static void Try(ArgumentRule rule, List<Diagnostic> errors)
    {
        foreach (var example in rule.Examples)
        {
            var line = example.CommandLine ?? (example.Input.ValueKind == JsonValueKind.Object
                && example.Input.TryGetProperty("cmd", out var cmd)
                && cmd.ValueKind == JsonValueKind.String ? cmd.GetString() : null);
            if (rule.Hits(example.Tool, example.Input, line) != example.Hits)
            {
                var (expected, got) = example.Hits ? ("a hit", "it passes") : ("no hit", "it hits");
                errors.Add(new(example.At, new AegisError("AEGIS2510",
                    $"the rule {rule.Id} does not do what its example says: {example}", expected, got,
                    "correct the rule or the example")));
            }
        }
    }
}
