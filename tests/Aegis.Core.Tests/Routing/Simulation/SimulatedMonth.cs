using System.Collections.Immutable;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>A call of the month: which, when, of what kind and size.</summary>
internal readonly record struct MonthCall(int Index, double Day, DateTimeOffset At, int Task, int Prompt,
    int Output)
{
    public string TaskType => SimulatedMonth.TaskTypes[Task];
}

/// <summary>How a try ended.</summary>
/// <param name="Answered">Null where the model is gone.</param>
internal readonly record struct MonthTry(bool? Answered, TimeSpan Took);

/// <summary>
/// Thirty days with six models and 20,000 calls of three kinds. On day 8 one becomes cheaper, on day 15 the
/// best one becomes worse behind its name, on day 20 another one better, on day 25 one disappears. A policy
/// chooses; an hour after an answer, for six calls of ten, it is told a verdict. Its regret is what the best
/// model of that moment would have been worth more, by the same weights as the router's. All chance comes
/// from the seed.
/// </summary>
internal sealed class SimulatedMonth(ulong seed, int calls = 20_000, int verdictHours = 1)
{
    public const int Days = 30;
    public const int CheaperOnDay = 8;
    public const int WorseOnDay = 15;
    public const int BetterOnDay = 20;
    public const int GoneOnDay = 25;
    private const double Judged = 0.6;

    public static readonly string[] TaskTypes = ["coding", "extraction", "reasoning"];

    public static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly VerdictKind[] Judges =
        [VerdictKind.TestsPassed, VerdictKind.SchemaValid, VerdictKind.Auditor];

    public static ImmutableArray<SimulatedModel> Models { get; } =
    [
        new("grand", [0.93, 0.90, 0.94], new(5, 25), 6_000, 0.01)
        {
            ChangesOnDay = WorseOnDay, LaterQuality = [0.55, 0.84, 0.58],
        },
        new("smith", [0.89, 0.72, 0.70], new(3, 15), 4_000, 0.01)
        {
            ChangesOnDay = CheaperOnDay, LaterPrice = new(0.6m, 3),
        },
        new("plain", [0.80, 0.87, 0.78], new(1, 5), 3_000, 0.01),
        new("swift", [0.58, 0.86, 0.45], new(0.1m, 0.4m), 800, 0.02)
        {
            ChangesOnDay = BetterOnDay, LaterQuality = [0.91, 0.88, 0.80],
        },
        new("penny", [0.68, 0.93, 0.60], new(0.2m, 0.8m), 1_500, 0.03) { GoneOnDay = GoneOnDay },
        new("muser", [0.50, 0.60, 0.88], new(2, 8), 9_000, 0.02),
    ];

    public static RouteWeights Weights => RouteWeights.Default;

    public MonthResult Play(MonthPolicy policy)
    {
        // what happens to a call hangs on the call and the model alone, not on who chose it
        var due = new PriorityQueue<ModelVerdict, DateTimeOffset>();
        var regret = new double[Days];
        var best = 0;
        foreach (var call in AllCalls())
        {
            while (due.TryPeek(out var verdict, out var at) && at <= call.At)
            {
                policy.Hear(verdict);
                due.Dequeue();
            }
            var oracle = Models.Where(m => m.IsThere(call.Day)).Max(m => Worth(m, call));
            var (worth, answered) = Make(policy, call);
            regret[(int)call.Day] += oracle - worth;
            best += worth >= oracle - 1e-9 ? 1 : 0;
            if (answered is { } model && Verdict(model, call) is { } said)
            {
                due.Enqueue(said, said.At);
            }
        }
        return new(policy.Name, [.. regret], (double)best / calls);
    }

    /// <summary>The worth of an answer, on the whole, as the router's weights have it.</summary>
    public static double Worth(SimulatedModel model, MonthCall call)
    {
        var usd = model.PriceAt(call.Day).Expected(call.Prompt, call.Output);
        return ((Weights.Quality * model.QualityAt(call.Day, call.Task))
            + (Weights.Latency * Router.Falling(model.Ms, Weights.LatencyHalf.TotalMilliseconds))
            + (Weights.Cost * Router.Falling(usd, (double)Weights.CostHalfUsd))
            + (Weights.Availability * (1 - model.Failing))) / Total;
    }

    private static double Total =>
        Weights.Quality + Weights.Latency + Weights.Cost + Weights.Availability;

    private (double Worth, SimulatedModel? Answered) Make(MonthPolicy policy, MonthCall call)
    {
        var lost = 0.0;
        SimulatedModel? first = null;
        foreach (var model in policy.Choose(call))
        {
            var end = Try(model, call);
            policy.Hear(model, call, end);
            if (end.Answered is null)
            {
                // asking for one that is gone costs what not answering weighs
                lost += Weights.Availability / Total;
                continue;
            }
            // that some calls fail is in the worth of the model already
            first ??= model;
            if (end.Answered == true)
            {
                return (Worth(first, call) - lost, model);
            }
        }
        return ((first is null ? 0 : Worth(first, call)) - lost, null);
    }

    private IEnumerable<MonthCall> AllCalls()
    {
        var dice = new RouteDice(seed);
        for (var i = 0; i < calls; i++)
        {
            var day = (i + dice.Unit()) * Days / calls;
            var kind = dice.Unit();
            yield return new(i, day, Begin.AddDays(day), kind < 0.5 ? 0 : kind < 0.8 ? 1 : 2,
                500 + (int)(dice.Unit() * 5_500), 100 + (int)(dice.Unit() * 1_400));
        }
    }

    private MonthTry Try(SimulatedModel model, MonthCall call)
    {
        var dice = Dice(model, call);
        if (!model.IsThere(call.Day))
        {
            return new(null, TimeSpan.FromMilliseconds(200));
        }
        // about log-normal
        var ms = model.Ms * SteadyMath.Exp2(0.5 * dice.Normal());
        return new(dice.Unit() >= model.Failing, TimeSpan.FromMilliseconds(ms));
    }

    private ModelVerdict? Verdict(SimulatedModel model, MonthCall call)
    {
        var dice = Dice(model, call with { Index = call.Index + calls });
        return dice.Unit() >= Judged ? null : new("acme", call.TaskType, model.Key, Judges[call.Task],
            dice.Unit() < model.QualityAt(call.Day, call.Task) ? 1 : 0, call.At.AddHours(verdictHours));
    }

    private RouteDice Dice(SimulatedModel model, MonthCall call) =>
        new(seed ^ ((ulong)call.Index * 31) ^ ((ulong)(Models.IndexOf(model) + 1) << 40));
}

/// <param name="Regret">Of each day.</param>
/// <param name="Best">The share of calls that went to the best model of that moment.</param>
internal sealed record MonthResult(string Policy, ImmutableArray<double> Regret, double Best)
{
    public double Total => Regret.Sum();

    /// <summary>Up to the end of each day.</summary>
    public IEnumerable<double> Cumulated()
    {
        var sum = 0.0;
        return Regret.Select(r => sum += r);
    }
}
