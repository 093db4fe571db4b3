using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>The product's own router, learning, breakers and table of failures.</summary>
internal sealed class RouterPolicy(string name, Exploration exploration = Exploration.Sample,
    LearningRules? rules = null) : MonthPolicy(name)
{
    private readonly ModelLearning _learning = new(rules ?? LearningRules.Default);
    private readonly BreakerBook _breakers = new(BreakerRules.Default);

    public override IEnumerable<SimulatedModel> Choose(MonthCall call)
    {
        var choice = Router.Choose(
            new("acme", call.TaskType, new(), call.Prompt * 4, 2_000, (ulong)call.Index)
            {
                Exploration = exploration,
                OutputTokensExpected = call.Output,
                Weights = SimulatedMonth.Weights,
            },
            [.. SimulatedMonth.Models.Select(m => m.CandidateAt(call.Day))], _learning, _breakers, call.At);
        return choice.Chain.Select(i => SimulatedMonth.Models[i]).ToList();
    }

    public override void Hear(ModelVerdict verdict) => _learning.Apply(verdict);

    public override void Hear(SimulatedModel model, MonthCall call, MonthTry end)
    {
        var (verdict, outcome) = end.Answered switch
        {
            true => (BreakerVerdict.Passed, CallOutcome.Answered),
            false => Of(CallFailureKind.ServerError),
            null => Of(CallFailureKind.ModelNotFound),
        };
        var entry = _breakers.Enter(model.Key, call.At);
        if (entry.Epoch is { } epoch)
        {
            _breakers.Report(model.Key, epoch, verdict, null, call.At);
        }
        _learning.Apply(new ModelCallSettled("acme", call.TaskType, model.Key, outcome, end.Took,
            call.Output, call.At));
    }

    private static (BreakerVerdict, CallOutcome) Of(CallFailureKind kind) =>
        (FailureRule.Of(kind).Breaker, FailureRule.Of(kind).Outcome);
}
