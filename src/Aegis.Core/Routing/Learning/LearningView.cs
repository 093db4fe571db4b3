using System.Collections.Concurrent;

namespace Aegis.Core.Routing.Learning;

/// <summary>What is known of a model's quality.</summary>
/// <param name="Evidence">The weight of the verdicts, without what was assumed.</param>
public readonly record struct QualityBelief(double Mean, double Deviation, double Evidence);

/// <summary>What is known of how a model serves a call.</summary>
public readonly record struct ServiceBelief(double Ms, double OutputTokens, double Availability);

/// <summary>What one tenant knows for one task type at one moment: its own arms, each begun from what all
/// know, shrunk to a bounded weight.</summary>
public readonly struct LearningView
{
    private static readonly ConcurrentDictionary<ModelKey, QualityArm> None = new();

    private readonly LearningRules _rules;
    private readonly LearningBook? _own;
    private readonly LearningBook _shared;
    private readonly ConcurrentDictionary<ModelKey, QualityArm> _ownQuality;
    private readonly ConcurrentDictionary<ModelKey, QualityArm> _sharedQuality;
    private readonly DateTimeOffset _now;
    private readonly Spread _startCall;

    internal LearningView(LearningRules rules, LearningBook? own, LearningBook shared, string taskType,
        DateTimeOffset now)
    {
        (_rules, _own, _shared, _now) = (rules, own, shared, now);
        _startCall = default(Spread).With(rules.StartCall.TotalMilliseconds, 1);
        _ownQuality = own?.Quality.GetValueOrDefault(taskType) ?? None;
        _sharedQuality = shared.Quality.GetValueOrDefault(taskType) ?? None;
    }

    public QualityBelief Quality(ModelKey model)
    {
        var own = Recent(_ownQuality, model);
        var shared = Recent(_sharedQuality, model);
        var all = Joined(own, shared, _rules.StartQuality, _rules.StartQualityWeight);
        return new(all.Mean, all.Deviation, own.Weight + shared.Weight);
    }

    public ServiceBelief Service(ModelKey model, int? outputTokens, int outputTokensMax)
    {
        var own = Now(_own, model);
        var shared = Now(_shared, model);
        var answers = Joined(own.Answers, shared.Answers, _rules.StartAvailability,
            _rules.StartAvailabilityWeight);
        var output = Joined(own.Output, shared.Output);
        var tokens = outputTokens ?? (output.Weight > 0
            ? Math.Min(output.Quantile(), outputTokensMax) : outputTokensMax);
        return new(Ms(own, shared, outputTokens), tokens, answers.Mean);
    }

    /// <summary>The time in which all but a few calls are answered: when a hedge is worth it.</summary>
    /// <param name="deviations">1.645 for 95 of a hundred.</param>
    public double SlowMs(ModelKey model, double deviations) =>
        Begun(Joined(Now(_own, model).CallMs, Now(_shared, model).CallMs)).Quantile(deviations);

    /// <summary>Own and shared arms as they stand now, without assumptions: for judging a fall.</summary>
    internal (QualityArm Own, QualityArm Shared) QualityArms(ModelKey model) =>
        (Faded(_ownQuality, model), Faded(_sharedQuality, model));

    internal (ServiceArm Own, ServiceArm Shared) ServiceArms(ModelKey model) =>
        (Faded(_own, model), Faded(_shared, model));

    // The estimate for a call overlooks the answer's length, the one for a token what a call costs before its
    // first token; where both are known the truth lies between: the mean of their logarithms.
    private double Ms(ServiceNow own, ServiceNow shared, int? outputTokens)
    {
        var call = Begun(Joined(own.CallMs, shared.CallMs));
        var token = Joined(own.TokenMs, shared.TokenMs);
        return outputTokens is { } tokens and > 0 && token.Weight > 0
            ? SteadyMath.Exp2((call.Log + token.Log + SteadyMath.Log2(tokens)) / 2)
            : call.Quantile();
    }

    private Spread Begun(Spread call) => call.On(_startCall, 1);

    private Share Joined(Share own, Share shared, double start, double startWeight)
    {
        var all = shared.On(start, startWeight);
        return own.On(all.Mean, Math.Min(all.Weight, _rules.PriorWeightMax));
    }

    private Spread Joined(Spread own, Spread shared) =>
        own.On(shared, Math.Min(shared.Weight, _rules.PriorWeightMax));

    private Share Recent(ConcurrentDictionary<ModelKey, QualityArm> arms, ModelKey model) =>
        arms.TryGetValue(model, out var arm) ? arm.RecentAt(_now, _rules) : default;

    private ServiceNow Now(LearningBook? book, ModelKey model) =>
        book?.Service.TryGetValue(model, out var arm) == true ? arm.Now(_now, _rules) : default;

    private QualityArm Faded(ConcurrentDictionary<ModelKey, QualityArm> arms, ModelKey model) =>
        arms.TryGetValue(model, out var arm) ? arm.To(_now, _rules) : QualityArm.Empty;

    private ServiceArm Faded(LearningBook? book, ModelKey model) =>
        book?.Service.TryGetValue(model, out var arm) == true ? arm.To(_now, _rules) : ServiceArm.Empty;
}
