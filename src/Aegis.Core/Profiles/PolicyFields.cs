using System.Collections.Immutable;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Rules;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>policies</c> of a profile: what the gate holds its calls to.</summary>
internal static class PolicyFields
{
    public static ProfilePolicies Read(YamlFields profile, List<Diagnostic> errors) =>
        profile.Value("policies") is { } value
        && YamlFields.Of(value, "policies", errors, "tools_allowed", "rate_limits", "quotas", "rules",
            "audit", "audit_rules", "vaccines", "without_approval", "max_agents", "approvals") is { } fields
            ? Quotas(new(Tools(fields, "tools_allowed", errors), RateLimits(fields, errors), Allowance.None,
                RuleFields.Read(fields, errors))
            {
                AuditRequired = AuditRequired(fields, errors),
                AuditRules = AuditRuleFields.Read(fields, errors),
                VaccinesOff = VaccinesOff(fields, errors),
                MaxAgents = (int?)fields.Integer("max_agents", 1, PlanPolicy.AgentsMax),
                Approvals = Approvals(fields, errors),
                WithoutApproval = Tools(fields, "without_approval", errors) is { IsDefault: false } named
                    ? named : [],
            }, fields, errors)
            : ProfilePolicies.Empty;

    private static bool AuditRequired(YamlFields policies, List<Diagnostic> errors)
    {
        switch (policies.Value("audit"))
        {
            case null or YamlScalar { Text: "optional" }:
                return false;
            case YamlScalar { Text: "required" }:
                return true;
            case { } other:
                YamlFields.Wrong(errors, other, "policies.audit", "required or optional");
                return false;
        }
    }

    /// <summary>Default where nothing is said.</summary>
    private static ImmutableArray<string> Tools(
        YamlFields policies, string member, List<Diagnostic> errors)
    {
        if (policies.Value(member) is null)
        {
            return default;
        }
        var tools = ImmutableArray.CreateBuilder<string>();
        foreach (var item in policies.Items(member))
        {
            if (item is YamlScalar tool && ToolPattern.IsValid(tool.Text))
            {
                tools.Add(tool.Text);
            }
            else
            {
                YamlFields.Wrong(errors, item, $"policies.{member}",
                    "a tool or a name above tools, such as git.push, git.* or mcp.notion");
            }
        }
        return tools.ToImmutable();
    }

    private static bool VaccinesOff(YamlFields policies, List<Diagnostic> errors)
    {
        if (policies.Value("vaccines") is not { } value)
        {
            return false;
        }
        if (value is YamlScalar { Text: "on" or "off" } word)
        {
            return word.Text == "off";
        }
        YamlFields.Wrong(errors, value, "policies.vaccines", "on or off");
        return false;
    }

    private static ImmutableArray<TopicQueue> Approvals(
        YamlFields policies, List<Diagnostic> errors)
    {
        var queues = ImmutableArray.CreateBuilder<TopicQueue>();
        foreach (var (topic, value) in policies.Entries("approvals"))
        {
            var where = $"policies.approvals.{topic}";
            if (!IdRule.IsValid(topic))
            {
                YamlFields.Wrong(errors, value, where, "a topic: " + IdRule.Form);
            }
            else if (queues.Count == ApprovalTopics.TopicsMax)
            {
                YamlFields.Wrong(errors, value, where, $"at most {ApprovalTopics.TopicsMax} topics");
                break;
            }
            else if (value is YamlScalar queue && IdRule.IsValid(queue.Text))
            {
                queues.Add(new(topic, queue.Text));
            }
            else
            {
                YamlFields.Wrong(errors, value, where, "a queue: " + IdRule.Form);
            }
        }
        return queues.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, int> RateLimits(
        YamlFields policies, List<Diagnostic> errors)
    {
        var limits = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var (tool, value) in policies.Entries("rate_limits"))
        {
            var where = $"policies.rate_limits.{tool}";
            if (!ToolPattern.IsValid(tool))
            {
                YamlFields.Wrong(errors, value, where, "the name of a tool, or of those below it");
            }
            var fields = YamlFields.Of(value, where, errors, "rpm");
            _ = fields?.Required("rpm");
            if (fields?.Integer("rpm", 1, 1_000_000) is { } rpm)
            {
                limits[tool] = (int)rpm;
            }
        }
        return limits.ToImmutable();
    }

    private static ProfilePolicies Quotas(
        ProfilePolicies read, YamlFields policies, List<Diagnostic> errors)
    {
        const string Where = "policies.quotas", EachUser = "each_user";
        if (policies.Value("quotas") is not { } value
            || YamlFields.Of(value, Where, errors, [.. AllowanceFields.Names, EachUser]) is not { } fields)
        {
            return read;
        }
        var each = fields.Value(EachUser) is { } own
            && YamlFields.Of(own, $"{Where}.{EachUser}", errors, [.. AllowanceFields.Names]) is { } of
                ? AllowanceFields.Read(of, $"{Where}.{EachUser}", errors) : Allowance.None;
        return read with { Quotas = AllowanceFields.Read(fields, Where, errors), EachUser = each };
    }
}
