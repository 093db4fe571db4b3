using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Routing;

/// <summary>
/// Chooses the model of a call. What cannot take the call is filtered out; of the rest each has a score from
/// its quality for the task type (drawn from what verdicts left unknown), its time, its price and how often
/// it answers; the best one is chosen, the next ones are the fallbacks, in order. Rejected: a ranking that is
/// made once and then followed, which never finds out that another model has become the better one. Costs one
/// array for each choice and nothing for each candidate.
/// </summary>
public static class Router
{
    /// <summary>The chosen one and its fallbacks.</summary>
    public const int ChainMax = 8;

    public const int CandidatesMax = 10_000;

    public static RouteChoice Choose(RouteRequest request, ImmutableArray<RouteCandidate> candidates,
        ModelLearning learning, BreakerBook breakers, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(candidates.Length, CandidatesMax);
        var known = learning.View(request.Tenant, request.TaskType, now);
        var dice = new RouteDice(request.Seed);
        var scores = new CandidateScore[candidates.Length];
        Span<int> chain = stackalloc int[ChainMax];
        var length = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var candidate = candidates[i];
            var reason = CandidateFilter.Judge(request, candidate, breakers.Of(candidate.Key), now);
            // chance is drawn for everyone, so that one candidate's filter changes nobody else's luck
            var luck = learning.Rules.Boldness * Luck(request.Exploration, ref dice);
            if (reason != FilterReason.None)
            {
                scores[i] = CandidateScore.Out(candidate, reason);
                continue;
            }
            scores[i] = Score(request, candidate, known, luck);
            length = Insert(chain, length, i, scores);
        }
        return new RouteChoice(request, now, ImmutableCollectionsMarshal.AsImmutableArray(scores),
            [.. chain[..length]]);
    }

    /// <summary>From 1 at nothing, through one half, towards 0.</summary>
    public static double Falling(double value, double half) => half / (half + value);

    private static double Luck(Exploration exploration, ref RouteDice dice) => exploration switch
    {
        Exploration.Sample => dice.Normal(),
        Exploration.Optimist => 1,
        _ => 0,
    };

    private static CandidateScore Score(RouteRequest request, RouteCandidate candidate, in LearningView known,
        double luck)
    {
        var weights = request.Weights;
        var belief = known.Quality(candidate.Key);
        var service = known.Service(candidate.Key, request.OutputTokensExpected, request.OutputTokensMax);
        var usd = candidate.Price?.Expected(request.PromptTokensExpected, service.OutputTokens) ?? double.NaN;
        var quality = Math.Clamp(belief.Mean + (luck * belief.Deviation), 0, 1);
        var latency = Falling(service.Ms, weights.LatencyHalf.TotalMilliseconds);
        // an unknown price counts as the worst: nobody shall be cheap by keeping silent
        var cost = double.IsNaN(usd) ? 0 : Falling(usd, (double)weights.CostHalfUsd);
        var total = ((weights.Quality * quality) + (weights.Latency * latency) + (weights.Cost * cost)
            + (weights.Availability * service.Availability)) / weights.Sum;
        return new(candidate, FilterReason.None, total, quality, latency, cost, service.Availability,
            belief.Mean, belief.Deviation, belief.Evidence, service.Ms, usd);
    }

    /// <summary>Keeps the best ones in order; of equals the earlier candidate comes first.</summary>
    private static int Insert(Span<int> chain, int length, int index, CandidateScore[] scores)
    {
        var at = length;
        while (at > 0 && scores[chain[at - 1]].Total < scores[index].Total)
        {
            at--;
        }
        if (at == ChainMax)
        {
            return length;
        }
        var end = Math.Min(length, ChainMax - 1);
        chain[at..end].CopyTo(chain[(at + 1)..]);
        chain[at] = index;
        return end + 1;
    }
}
