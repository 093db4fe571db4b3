using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy.Rules;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;

namespace Aegis.Core.Policy;

/// <summary>A call as far as rules look at it.</summary>
/// <param name="Line">The command line in its input; null where there is none.</param>
/// <param name="Address">The address in its input; null where there is none.</param>
public readonly record struct CallSubject(string Tool, JsonElement Input, string? Line, string? Address);

/// <summary>
/// Judges what the input of a call may say: its command line by the workflow's allow_commands, the tiers'
/// lists and the guards; its address by egress_allow of workflow and profile; all of it by the profile's
/// rules. The strictest wins.
/// The gate and <c>aegis plan</c> both ask here, so that they cannot come to differ.
/// </summary>
public static class ArgumentPolicy
{
    public static ArgumentVerdict Judge(CallSubject call, PlanPolicy workflow,
        ProfilePolicies profile, ImmutableArray<TierGrant> tiers) =>
        DefaultQuestions.Of(call.Tool, call.Input, profile.WithoutApproval) is var question
            && question is null && call is { Line: null, Address: null } && profile.Rules.IsEmpty
            ? ArgumentVerdict.Nothing : new Hearing(call, question).Judge(workflow, profile, tiers);

    private sealed class Hearing(CallSubject call, AegisError? byDefault)
    {
        private readonly ImmutableArray<MatchedRule>.Builder matched =
            ImmutableArray.CreateBuilder<MatchedRule>();

        private readonly List<string> asking = [];
        private AegisError? question;
        private string? allowedBy;

        public ArgumentVerdict Judge(PlanPolicy workflow, ProfilePolicies profile,
            ImmutableArray<TierGrant> tiers) =>
            (call.Line is { } line ? ByWorkflow(line, workflow.AllowCommands) ?? ByTiers(line, tiers)
                : call.Address is { } address ? ByEgress(address, workflow, profile) : null)
            ?? ByRules(profile.Rules)
            ?? ByDefault()
            ?? (asking.Count == 0 ? Said(Decision.Allow, allowedBy, null)
                : Said(Decision.Ask, string.Join(", ", asking.Distinct()), question));

        private ArgumentVerdict? ByWorkflow(string line, ImmutableArray<string> allow)
        {
            var word = CommandPolicy.Evaluate(allow, line);
            matched.AddRange(word.Matched);
            switch (word.Decision)
            {
                case Decision.Allow:
                    allowedBy = word.Deciding?.Rule;
                    return null;
                case Decision.Ask:
                    asking.AddRange(word.Matched.Where(m => m.Decision == Decision.Ask).Select(m => m.Rule));
                    question = word.Error;
                    return null;
                default:
                    return Said(Decision.Deny, word.Deciding?.Rule, word.Error);
            }
        }

        private ArgumentVerdict? ByTiers(string line, ImmutableArray<TierGrant> tiers)
        {
            foreach (var (tier, holder) in tiers)
            {
                var word = CommandPolicy.Evaluate(tier.Commands, line);
                // what asks is a guard, which has asked already
                matched.AddRange(word.Matched.Where(m => m.Decision != Decision.Ask)
                    .Select(m => m with { Rule = $"tier {tier.Name}: {m.Rule}" }));
                if (word.Decision == Decision.Deny)
                {
                    return Said(Decision.Deny, $"tier {tier.Name}: {word.Deciding?.Rule}", new AegisError(
                        "AEGIS2506",
                        $"the tier {tier.Name} of {holder} does not allow it: {word.Error?.Message}",
                        tier.Commands.IsEmpty ? "a command of the tier; it has none" : word.Error?.Expected,
                        word.Error?.Got, "use a command of the tier, or ask for another tier"));
                }
            }
            return null;
        }

        private ArgumentVerdict? ByEgress(
            string address, PlanPolicy workflow, ProfilePolicies profile)
        {
            var (url, unreadable) = EgressTarget.ReadUrl(address);
            if (url is null)
            {
                return Said(Decision.Deny, "address", unreadable);
            }
            var target = EgressTarget.Of(url);
            var word = EgressPolicy.Decide(workflow.EgressAllow, target, profile.EgressAllow);
            allowedBy = word.Rule is { } entry ? $"egress_allow: {entry.Text}" : null;
            if (allowedBy is null)
            {
                return Said(Decision.Deny, "egress_allow", word.Error);
            }
            matched.Add(new MatchedRule(allowedBy, Decision.Allow, target.ToString(), "it is on the list"));
            return null;
        }

        private ArgumentVerdict? ByRules(ImmutableArray<ArgumentRule> rules)
        {
            ArgumentVerdict? denial = null;
            foreach (var rule in rules)
            {
                if (!rule.Hits(call.Tool, call.Input, call.Line))
                {
                    continue;
                }
                var name = $"rule {rule.Id}";
                var judged = call.Line is { } line ? CommandPolicy.Shown(line) : call.Tool;
                matched.Add(new MatchedRule(name, rule.Decision, judged, rule.Reason, rule.Mend));
                if (rule.Decision == Decision.Ask)
                {
                    asking.Add(name);
                    question ??= new AegisError("AEGIS2505", $"{name}: {rule.Reason}", "an approval", judged,
                        rule.Mend);
                }
                else
                {
                    denial ??= Said(Decision.Deny, name, new AegisError("AEGIS2504",
                        $"{name}: {rule.Reason}", null, judged,
                        rule.Mend ?? "an administrator changes the rule in the profile"));
                }
            }
            return denial is null ? null : denial with { Matched = matched.ToImmutable() };
        }

        private ArgumentVerdict? ByDefault()
        {
            if (byDefault is not null)
            {
                var name = DefaultQuestions.RuleOf(call.Tool);
                matched.Add(new MatchedRule(
                    name, Decision.Ask, call.Tool, byDefault.Message, byDefault.Mend));
                asking.Add(name);
                question ??= byDefault;
            }
            return null;
        }

        private ArgumentVerdict Said(Decision decision, string? rule, AegisError? error) =>
            new(decision, rule, error, matched.ToImmutable());
    }
}

/// <summary>What the rules on arguments say of a call.</summary>
/// <param name="Rule">The deciding one; all of those that ask, where some do.</param>
/// <param name="Error">Why the call may not simply be made; null exactly where it may.</param>
/// <param name="Matched">Every rule that had a say, as far as it was asked.</param>
public sealed record ArgumentVerdict(
    Decision Decision, string? Rule, AegisError? Error, ImmutableArray<MatchedRule> Matched)
{
    public static ArgumentVerdict Nothing { get; } = new(Decision.Allow, null, null, []);

    /// <summary>The rules that said what was decided.</summary>
    public ImmutableArray<string> Deciding =>
        [.. Matched.Where(m => m.Decision == Decision).Select(m => m.Rule).Distinct()];
}
