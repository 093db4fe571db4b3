using System.Collections.Immutable;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Routing.Replacements;

/// <summary>Decides whether a model that is named (by an alias, not chosen by score) must be replaced, and by
/// which: a peer that takes every call the old one takes, and with which least is lost in quality and
/// price.</summary>
public static class ModelWatch
{
    /// <summary>Null where the model may stay, and where it has no peer.</summary>
    public static ModelReplaced? Judge(ModelKey model, string tenant, string taskType,
        ImmutableArray<RouteCandidate> candidates, ModelLearning learning, BreakerBook breakers,
        DateTimeOffset now, ReplacementRules rules)
    {
        var known = learning.View(tenant, taskType, now);
        var quality = Stronger(known.QualityArms(model));
        var service = Stronger(known.ServiceArms(model));
        var breaker = breakers.Of(model);
        var fall = breaker is { Phase: not BreakerPhase.Closed, Cause: BreakerCause.Gone }
                ? new Fall(ReplacementReason.Gone, known.Quality(model).Mean, 0, quality.Recent.Weight, 0)
            : Fell(ReplacementReason.AvailabilityFell, service.AnswersLong, service.Answers,
                rules.AvailabilityMargin, rules)
            ?? Fell(ReplacementReason.QualityFell, quality.Long, quality.Recent, rules.QualityMargin, rules);
        if (fall is null || candidates.FirstOrDefault(c => c.Key == model) is not { } old)
        {
            return null;
        }
        // what it was worth before is what a peer is held against
        var worth = fall.Why == ReplacementReason.QualityFell ? fall.Before : known.Quality(model).Mean;
        var peer = candidates
            .Where(c => c.Key != model && c.Abilities.Covers(old.Abilities)
                && breakers.Of(c.Key).MayEnter(now))
            .Select(c => Peer.Of(old, c, worth, known.Quality(c.Key), rules))
            .Where(p => fall.Why != ReplacementReason.QualityFell || p.Quality > fall.Now)
            .OrderBy(p => p.Loss).ThenByDescending(p => p.Quality).ThenBy(p => p.Model)
            .FirstOrDefault();
        return peer is null ? null : new(model, peer.Model, fall.Why,
            new(fall.Before, fall.Now, fall.Weight, fall.Deviation, peer.Quality, peer.CostRatio),
            fall.Why == ReplacementReason.QualityFell ? taskType : null, now);
    }

    private static Fall? Fell(ReplacementReason why, Share before, Share recent, double margin,
        ReplacementRules rules)
    {
        if (recent.Weight < rules.WeightMin)
        {
            return null;
        }
        var deviation = Math.Sqrt((before.Deviation * before.Deviation)
            + (recent.Deviation * recent.Deviation));
        var fall = before.Mean - recent.Mean;
        return fall >= margin && fall >= rules.Deviations * deviation
            ? new(why, before.Mean, recent.Mean, recent.Weight, deviation)
            : null;
    }

    // a tenant's own evidence, where there is more of it than what all share
    private static QualityArm Stronger((QualityArm Own, QualityArm Shared) arms) =>
        arms.Own.Recent.Weight >= arms.Shared.Recent.Weight ? arms.Own : arms.Shared;

    private static ServiceArm Stronger((ServiceArm Own, ServiceArm Shared) arms) =>
        arms.Own.Answers.Weight >= arms.Shared.Answers.Weight ? arms.Own : arms.Shared;

    private sealed record Fall(ReplacementReason Why, double Before, double Now, double Weight,
        double Deviation);

    private sealed record Peer(ModelKey Model, double Quality, double? CostRatio, double Loss)
    {
        // of the size of an ordinary call
        private const int InputTokens = 2_000;
        private const int OutputTokens = 500;

        public static Peer Of(RouteCandidate old, RouteCandidate peer, double worth, QualityBelief belief,
            ReplacementRules rules)
        {
            // one of which little is known is taken for what it is at least
            var quality = belief.Mean - belief.Deviation;
            var ratio = Ratio(old.Price, peer.Price);
            var dearer = ratio is { } r ? Math.Max(0, SteadyMath.Log2(r))
                : peer.Price is { OutputUsd: 0, InputUsd: 0 } ? 0
                : 4;
            return new(peer.Key, quality, ratio,
                Math.Max(0, worth - quality) + (rules.LossOfDouble * dearer));
        }

        private static double? Ratio(RoutePrice? old, RoutePrice? peer)
        {
            var (before, after) = (old?.Expected(InputTokens, OutputTokens) ?? 0,
                peer?.Expected(InputTokens, OutputTokens) ?? 0);
            return before > 0 && after > 0 ? after / before : null;
        }
    }
}
