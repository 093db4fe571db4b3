using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Agents;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Review;
using Aegis.Core.Policy;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>agents</c> of a profile. An agent that bears the name of one that ships, or is
/// <c>like</c> one, takes over what it does not say itself.</summary>
internal static class AgentFields
{
    public const int AgentsMax = 64;
    public const int ToolsMax = 64;

    private static readonly string[] Keys = ["like", "role", "model", "instructions", "prompt", "tools",
        "limits", "contract", "task_type", "speciality"];

    private static readonly Dictionary<string, string> Contracts =
        AgentContracts.Names.ToDictionary(n => n, n => n, StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, AgentDefinition> Read(YamlFields profile,
        List<Diagnostic> errors, ImmutableSortedDictionary<string, AgentDefinition> known)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, AgentDefinition>(StringComparer.Ordinal);
        foreach (var (name, value) in profile.Entries("agents"))
        {
            if (read.Count == AgentsMax)
            {
                YamlFields.Wrong(errors, value, "agents", $"at most {AgentsMax} agents");
                break;
            }
            if (!IdRule.IsValid(name))
            {
                YamlFields.Wrong(errors, value, $"agents.{name}", "a name of 1 to 64 letters, digits, '.', "
                    + "'_', '-', beginning with a letter or digit");
            }
            else if (Agent(name, value, errors, known) is { } agent)
            {
                read[name] = agent;
            }
        }
        return read.ToImmutable();
    }

    private static AgentDefinition? Agent(string name, YamlValue value, List<Diagnostic> errors,
        ImmutableSortedDictionary<string, AgentDefinition> known)
    {
        var where = $"agents.{name}";
        if (YamlFields.Of(value, where, errors, Keys) is not { } fields)
        {
            return null;
        }
        var like = Like(name, fields, where, errors, known);
        if (like is null)
        {
            fields.Need("role", "model", "contract", "task_type");
        }
        var (instructions, prompt) = Instructions(fields, where, errors, like);
        return new AgentDefinition(name,
            Line(fields, "role", 200, where, errors) ?? like?.Role ?? name,
            Alias(fields, where, errors) ?? like?.Model ?? "",
            instructions, prompt,
            fields.Value("tools") is null && like is not null ? like.Tools : Tools(fields, where, errors),
            Limits(fields, where, errors, like?.Limits ?? AgentLimits.Default),
            Contract(fields, where, errors) ?? like?.Contract ?? "",
            Line(fields, "task_type", IdRule.LengthMax, where, errors) ?? like?.TaskType ?? "",
            Line(fields, "speciality", 200, where, errors) ?? like?.Speciality);
    }

    private static AgentDefinition? Like(string name, YamlFields fields, string where,
        List<Diagnostic> errors, ImmutableSortedDictionary<string, AgentDefinition> known)
    {
        if (fields.Text("like", IdRule.LengthMax) is not { } other)
        {
            return known.GetValueOrDefault(name);
        }
        if (known.TryGetValue(other, out var like))
        {
            return like;
        }
        YamlFields.Wrong(errors, fields.Value("like")!, $"{where}.like",
            "an agent that ships: " + string.Join(", ", known.Keys));
        return null;
    }

    // a model's own name would bind the agent to one provider
    private static string? Alias(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var alias = fields.Text("model", IdRule.LengthMax);
        if (alias is not null && (!IdRule.IsValid(alias) || ModelCatalogue.BuiltIn.Providers.Values.Any(
            p => p.Models.ContainsKey(alias))))
        {
            YamlFields.Wrong(errors, fields.Value("model")!, $"{where}.model",
                "an alias of models, such as reasoning or coding, and no model's own name");
        }
        return alias;
    }

    private static (PromptName? Name, string Text) Instructions(YamlFields fields, string where,
        List<Diagnostic> errors, AgentDefinition? like)
    {
        if (fields.Value("prompt") is { } given)
        {
            var text = fields.Text("prompt", PromptText.CharsMax) ?? "";
            var wrong = PromptText.Missing(text).Select(p => $"{{{{{p}}}}} in it")
                .Concat(PromptText.Unknown(text).Select(p => $"no {{{{{p}}}}}")).ToList();
            if (wrong.Count > 0 || fields.Value("instructions") is not null)
            {
                YamlFields.Wrong(errors, given, $"{where}.prompt", wrong.Count > 0
                    ? string.Join(", ", wrong) : "nothing beside instructions: one of both");
            }
            return (null, text);
        }
        if (fields.Text("instructions", IdRule.LengthMax) is { } name)
        {
            if (Named(name) is { } prompt
                && BuiltInAgents.Prompts.TryGetValue(prompt.ToString(), out var text))
            {
                return (prompt, text);
            }
            YamlFields.Wrong(errors, fields.Value("instructions")!, $"{where}.instructions",
                "a prompt that ships, in a version: " + string.Join(", ", BuiltInAgents.Prompts.Keys));
            return (null, "");
        }
        if (like is null)
        {
            fields.Need("instructions");
        }
        return (like?.Instructions, like?.Prompt ?? "");
    }

    private static PromptName? Named(string text) =>
        text.Split('@') is [{ Length: > 0 } file, var version]
        && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new PromptName(file, number) : null;

    private static ImmutableArray<string> Tools(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var tools = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.Items("tools"))
        {
            if (tools.Count == ToolsMax || item is not YamlScalar { Text: var tool } || tool == "*"
                || !ToolPattern.IsValid(tool) || tools.Contains(tool))
            {
                YamlFields.Wrong(errors, item, $"{where}.tools", $"at most {ToolsMax} tools, each once, such "
                    + "as file.read or git.*");
            }
            else if (ToolFacts.BuiltIn.Find(tool) is { Effect: not ("pure" or "idempotent") } fact)
            {
                YamlFields.Wrong(errors, item, $"{where}.tools", $"no tool that is {fact.Effect}: make "
                    + $"{tool} a step of the workflow, which asks before it is done twice");
            }
            else
            {
                tools.Add(tool);
            }
        }
        return tools.ToImmutable();
    }

    private static AgentLimits Limits(
        YamlFields fields, string where, List<Diagnostic> errors, AgentLimits usual)
    {
        if (fields.Value("limits") is not { } value || YamlFields.Of(value, $"{where}.limits", errors,
            "turns", "tokens", "cost_usd", "time", "parallel", "context_tokens") is not { } limits)
        {
            return usual;
        }
        var time = usual.Time;
        if (limits.Text("time", 32) is { } written && (!Duration.TryParse(written, out time)
            || time <= TimeSpan.Zero || time > AgentLimits.TimeMax))
        {
            YamlFields.Wrong(errors, limits.Value("time")!, $"{where}.limits.time",
                "a duration up to 24h, such as 15m");
        }
        return new AgentLimits(
            (int?)limits.Integer("turns", 1, AgentLimits.TurnsMax) ?? usual.Turns,
            limits.Integer("tokens", 1, AgentLimits.TokensMax) ?? usual.Tokens,
            limits.Number("cost_usd", 0, AgentLimits.CostUsdMax) ?? usual.CostUsd,
            time,
            (int?)limits.Integer("parallel", 1, AgentLimits.ParallelMax) ?? usual.Parallel,
            (int?)limits.Integer("context_tokens", AgentLimits.ContextTokensMin,
                AgentLimits.ContextTokensMax) ?? usual.ContextTokens);
    }

    private static string? Contract(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var name = fields.Text("contract", IdRule.LengthMax);
        if (name is not null && !Contracts.ContainsKey(name))
        {
            YamlFields.Wrong(errors, fields.Value("contract")!, $"{where}.contract",
                "one of " + string.Join(", ", AgentContracts.Names));
        }
        return name;
    }

    private static string? Line(
        YamlFields fields, string name, int charsMax, string where, List<Diagnostic> errors)
    {
        var text = fields.Text(name, charsMax);
        if (text is not null && (text.Length == 0 || text.Any(char.IsControl)))
        {
            YamlFields.Wrong(errors, fields.Value(name)!, $"{where}.{name}", "one line of text");
        }
        return text;
    }
}
