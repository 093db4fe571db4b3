using System.Collections.Immutable;
using System.Diagnostics;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Bench.Models;

/// <summary>A choice among 300 models, all of them able, with verdicts and calls of the tenant and of others,
/// a budget, lists of what is allowed, and breakers that have counted.</summary>
internal static class RouteLane
{
    private const int Candidates = 300;
    private const int WarmUp = 3_000;

    // short enough to lie within one slice of the scheduler, most of the time
    private const int Batch = 4;

    private static readonly DateTimeOffset Begin = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    public static void Measure(SortedDictionary<string, object> figures, bool quick)
    {
        ImmutableArray<RouteCandidate> candidates = [.. Enumerable.Range(0, Candidates).Select(Candidate)];
        var learning = Learned(candidates);
        var breakers = Counted(candidates);
        var request = new RouteRequest("acme", "coding", new ModelNeeds(Tools: true), 12_000, 2_000, 0)
        {
            BudgetLeftUsd = 5,
            ProvidersAllowed = [.. candidates.Select(c => c.Key.Provider)],
            ModelsAllowed = [.. candidates.Select(c => c.Key)],
        };
        var now = Begin.AddHours(1);
        var micros = new List<double>();
        var choices = WarmUp + (quick ? 2_000 : 20_000);
        for (var i = 0; i < choices; i += Batch)
        {
            var from = Stopwatch.GetTimestamp();
            for (var n = i; n < i + Batch; n++)
            {
                Router.Choose(request with { Seed = (ulong)n }, candidates, learning, breakers, now);
            }
            if (i >= WarmUp)
            {
                micros.Add(Stopwatch.GetElapsedTime(from).TotalMicroseconds / Batch);
            }
        }
        micros.Sort();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Router.Choose(request, candidates, learning, breakers, now);
        figures["route_bytes_300"] = GC.GetAllocatedBytesForCurrentThread() - before;
        figures["route_us_300"] = micros[micros.Count / 2];
        figures["route_us_300_p99"] = micros[micros.Count * 99 / 100];
    }

    private static RouteCandidate Candidate(int index) => new(
        new($"provider{index % 30}", $"model-{index}"),
        new(ModelKinds.Chat, ModelModalities.Text | ModelModalities.Image, 200_000, 16_000, true, true),
        new(0.1m + (index % 17), 0.4m + (index % 53), 0.05m));

    private static ModelLearning Learned(ImmutableArray<RouteCandidate> candidates)
    {
        var learning = new ModelLearning(LearningRules.Default);
        var random = new Random(11);
        foreach (var key in candidates.Select(c => c.Key))
        {
            for (var i = 0; i < 20; i++)
            {
                var (tenant, at) = (i % 2 == 0 ? "acme" : "umbra", Begin.AddMinutes(i));
                learning.Apply(new ModelVerdict(tenant, "coding", key, VerdictKind.TestsPassed,
                    random.NextDouble(), at));
                learning.Apply(new ModelCallSettled(tenant, "coding", key, CallOutcome.Answered,
                    TimeSpan.FromMilliseconds(random.Next(300, 9_000)), random.Next(20, 2_000), at));
            }
        }
        return learning;
    }

    private static BreakerBook Counted(ImmutableArray<RouteCandidate> candidates)
    {
        var breakers = new BreakerBook(BreakerRules.Default);
        foreach (var candidate in candidates)
        {
            breakers.Report(candidate.Key, 0, BreakerVerdict.Passed, null, Begin);
        }
        return breakers;
    }
}
