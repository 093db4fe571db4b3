using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission.Stages;

/// <summary>What the input may say; see <see cref="ArgumentPolicy"/>. What asks is noted for the
/// approval.</summary>
internal sealed class ArgumentRulesStage : GateStage
{
    public override string Name => "arguments";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        var line = tool!.CommandLine(order.Input);
        var address = line is null ? tool.EgressUrl(order.Input) : null;
        var verdict = ArgumentPolicy.Judge(new CallSubject(order.Tool, order.Input, line, address),
            order.Policy, order.Rules.Profile, order.Rules.Tiers);
        if (so.Told is not null)
        {
            foreach (var rule in verdict.Matched)
            {
                so.Tell(Name, rule);
            }
        }
        switch (verdict.Decision)
        {
            case Decision.Deny:
                return so.Deny(verdict.Rule!, verdict.Error!);
            case Decision.Ask:
                so.Ask(verdict.Rule!, verdict.Error!);
                return null;
            default:
                so.Rule = verdict.Rule ?? so.Rule;
                return null;
        }
    }
}
