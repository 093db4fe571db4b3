using System.Collections.Immutable;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Tests.Routing;

/// <summary>Small pieces that the tests of routing are made of.</summary>
internal static class RoutingSamples
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public static readonly ModelAbilities Able = new(ModelKinds.Chat,
        ModelModalities.Text | ModelModalities.Image, 100_000, 8_000, Tools: true, JsonSchema: true,
        ModelLocality.Local);

    public static RouteCandidate Candidate(string name, ModelAbilities? abilities = null,
        RoutePrice? price = null) => new(Key(name), abilities ?? Able, price ?? new RoutePrice(1, 4));

    public static ModelKey Key(string name) => new("house", name);

    public static RouteRequest Request(ulong seed = 1) =>
        new("acme", "coding", new ModelNeeds(), 4_000, 1_000, seed) { Exploration = Exploration.Mean };

    public static ModelLearning Fresh => new(LearningRules.Default);

    public static BreakerBook Whole => new(BreakerRules.Default);

    public static ModelVerdict Verdict(string model, double value, DateTimeOffset? at = null,
        string tenant = "acme", VerdictKind kind = VerdictKind.TestsPassed) =>
        new(tenant, "coding", Key(model), kind, value, at ?? Noon);

    public static ModelCallSettled Call(string model, CallOutcome outcome = CallOutcome.Answered,
        double ms = 1_000, long tokens = 100, DateTimeOffset? at = null, string tenant = "acme") =>
        new(tenant, "coding", Key(model), outcome, TimeSpan.FromMilliseconds(ms), tokens, at ?? Noon);

    public static ModelLearning Learned(params IEnumerable<ModelFact> facts)
    {
        var learning = Fresh;
        foreach (var fact in facts)
        {
            learning.Apply(fact);
        }
        return learning;
    }

    public static RouteChoice Choose(RouteRequest request,
        params ImmutableArray<RouteCandidate> candidates) =>
        Router.Choose(request, candidates, Fresh, Whole, Noon);
}
