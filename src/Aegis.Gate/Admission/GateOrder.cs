using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate.Admission.Stages;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Admission;

/// <summary>
/// The one order of decision, pure denials first. Listing tools, calling one and explaining a decision go
/// through the same stages: a list asks those that need no input, a call asks all and is counted, an
/// explanation asks all and says what each said. After the last one the gate makes the call a fact, executes,
/// redacts, settles and records (<see cref="Gate"/>). Default is deny; what is neither allowed nor denied
/// asks a human.
/// </summary>
public sealed class GateOrder
{
    /// <summary>Without vaccines, and with rates of its own.</summary>
    internal static GateOrder Alone { get; } =
        new(NoVaccines.Instance, new RateLimiter(TimeProvider.System));

    private readonly ImmutableArray<GateStage> stages;
    private readonly int sightStages;
    private readonly RateLimitStage rateLimit;

    public GateOrder(IVaccines vaccines, RateLimiter rates)
    {
        rateLimit = new RateLimitStage(rates);
        stages =
        [
            new IdentityStage(),
            new ScopeStage(),
            new ToolsAllowedStage(),
            new PinStage(),
            new InputStage(),
            new ArgumentRulesStage(),
            new VaccineStage(vaccines),
            new AuditStage(),
            rateLimit,
            new ApprovalStage(),
        ];
        sightStages = stages.TakeWhile(s => !s.ReadsInput).Count();
    }

    /// <summary>The names of the stages, in their order.</summary>
    public ImmutableArray<string> Stages => [.. stages.Select(s => s.Name)];

    /// <summary>The decision on a call that is made now.</summary>
    public Admission Decide(Tool? tool, CallOrder order) => Evaluate(tool, order, stages.Length, true, null);

    /// <summary>The same decision on a call that is not made: nothing is counted.</summary>
    public Admission Look(Tool? tool, CallOrder order) => Evaluate(tool, order, stages.Length, false, null);

    /// <summary>Why somebody may not see or call a tool, whatever its input; null where they may.</summary>
    public AegisError? MayCall(Tool? tool, string name, Principal principal, GatePolicy rules) =>
        Evaluate(tool, CallOrder.Sight(name, principal, rules), sightStages, false, null).Denial;

    /// <summary>The decision, and what every stage up to it said.</summary>
    public Explanation Explain(Tool? tool, CallOrder order)
    {
        var told = new List<StageWord>();
        var admission = Evaluate(tool, order, stages.Length, false, told);
        return new Explanation(admission, [.. told]);
    }

    /// <summary>What is left of the minutes that count such a call.</summary>
    public IEnumerable<QuotaLeft> Rates(CallOrder order) => rateLimit.Left(order);

    private Admission Evaluate(
        Tool? tool, CallOrder order, int count, bool takes, List<StageWord>? told)
    {
        var so = new Judgement(takes, told);
        for (var i = 0; i < count; i++)
        {
            var stage = stages[i];
            var before = told?.Count;
            var denial = stage.Judge(tool, order, ref so);
            if (told is not null)
            {
                Tell(stage, order, denial, told.Count == before, ref so);
            }
            if (denial is not null)
            {
                return new Admission(denial, so.Rule, so.Asks, stage.Name, so.RetryAfter);
            }
        }
        return new Admission(null, so.Rule, false, stages[count - 1].Name);
    }

    private static void Tell(
        GateStage stage, CallOrder order, AegisError? denial, bool silent, ref Judgement so)
    {
        if (denial is not null)
        {
            var decision = so.Asks ? Decision.Ask : Decision.Deny;
            var rule = so.Rule ?? stage.Name;
            if (!so.Told!.Exists(w => w.Stage == stage.Name && w.Rule.Rule == rule
                && w.Rule.Decision == decision))
            {
                so.Tell(stage.Name,
                    new MatchedRule(rule, decision, order.Tool, denial.Message, denial.Mend));
            }
        }
        else if (silent)
        {
            so.Tell(stage.Name,
                new MatchedRule(stage.Name, Decision.Allow, order.Tool, "nothing against it"));
        }
    }
}

/// <summary>A decision with its reasons.</summary>
/// <param name="Words">Of each stage that was asked, in order. Where the call is refused, the last stage is
/// the deciding one, and among its rules that which the admission names.</param>
public sealed record Explanation(Admission Admission, ImmutableArray<StageWord> Words)
{
    /// <summary>What is left of the quotas that such a call is counted by.</summary>
    public ImmutableArray<QuotaLeft> Quotas { get; init; } = [];

    public Decision Decision => Admission.Denial is null ? Decision.Allow
        : Admission.Asks ? Decision.Ask : Decision.Deny;
}
