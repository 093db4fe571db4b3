using Aegis.Durability.Proxy;

namespace Aegis.Durability.Points;

/// <summary>
/// Which points there are. Not a random draw: every tool has one before, one during and one after its act,
/// and every kind of commit has one at each of its moments; the seed decides who is struck, at which of the
/// equal moments, and in which order. So each seed covers all, and many seeds cover the combinations.
/// </summary>
internal static class PointPlan
{
    private static readonly (string Tool, string Step, Sign Sign)[] Tools =
    [
        ("git.clone", "checkout", Sign.Process), ("shell.exec", "left", Sign.Gate),
            ("git.branch", "branch", Sign.Gate),
        ("file.write", "write", Sign.Process), ("file.patch", "patch", Sign.Process),
        ("file.list", "list", Sign.Process), ("llm.chat", "think", Sign.Model),
            ("flow.noop", "idle", Sign.None),
        ("git.status", "status", Sign.Process), ("git.commit", "commit", Sign.Gate),
        ("git.diff", "diff", Sign.Process), ("file.read", "read", Sign.Process),
        ("file.search", "search", Sign.Process), ("tests.run", "tests", Sign.Gate),
            ("qa.review", "qa", Sign.Process),
        ("git.push", "push", Sign.Incoming), ("git.push", "push", Sign.Branch),
            ("repo.pr.create", "pr", Sign.Pull),
    ];

    private static readonly (string Type, string? Step)[] Commits =
    [
        ("RunStarted", null), ("TaskStarted", "right"), ("ToolCalled", "push"), ("ToolReturned", "commit"),
        ("PlanCompleted", null),
    ];

    // weights of who is struck
    private static readonly Victim[] Victims =
    [
        Victim.Server, Victim.Server, Victim.Server, Victim.Server, Victim.Server, Victim.Server,
        Victim.Postgres, Victim.Postgres, Victim.Both, Victim.Connections, Victim.ServerGently,
    ];

    private static readonly Moment[] Moments =
        [Moment.BeforeForward, Moment.Forwarded, Moment.BeforeAnswer, Moment.AfterAnswer];

    public static IReadOnlyList<Point> Make(int seed, int count)
    {
        var chance = new Random(seed);
        var points = new List<Point>();
        foreach (var (tool, step, sign) in Tools)
        {
            points.Add(At(chance, tool, step, Phase.Before, "TaskStarted", Sign.None));
            points.Add(At(chance, tool, step, Phase.After, "ToolReturned", Sign.None));
            if (sign != Sign.None)
            {
                points.Add(At(chance, tool, step, Phase.During, "ToolReturned", sign));
            }
        }
        foreach (var (type, step) in Commits)
        {
            points.AddRange(Moments.Select(
                m => new Point(0, null, step, null, type, m, Sign.None, Pick(chance))));
        }
        foreach (var (tool, step, sign) in Tools.Where(t => t.Step is "left" or "commit" or "push" or "pr"))
        {
            points.Add(At(chance, tool, step, Phase.During, "ToolReturned", sign) with
            {
                Again = true,
                Victim = Victim.Server,
            });
        }
        var order = points.ToArray();
        chance.Shuffle(order);
        var chosen = count >= order.Length ? order : Spread(order, count);
        return [.. chosen.Select((p, i) => p with { Number = i + 1 })];
    }

    /// <summary>A small number of points still has every phase and every commit kind: they are dealt out in
    /// turn.
    /// </summary>
    private static Point[] Spread(Point[] points, int count)
    {
        var groups = points.GroupBy(p => p.Phase?.ToString() ?? p.EventType).Select(g => new Queue<Point>(g))
            .ToList();
        var dealt = new List<Point>();
        while (dealt.Count < count)
        {
            foreach (var group in groups.Where(g => g.Count > 0 && dealt.Count < count))
            {
                dealt.Add(group.Dequeue());
            }
        }
        return [.. dealt];
    }

    private static Point At(Random chance, string tool, string step, Phase phase, string type, Sign sign) =>
        new(0, tool, step, phase, type, MomentOf(chance, phase, sign), sign, Pick(chance));

    // after TaskStarted is answered the act begins; before ToolReturned is forwarded it has been done
    private static Moment MomentOf(Random chance, Phase phase, Sign sign) =>
        sign != Sign.None ? Moment.BeforeForward
        : phase == Phase.Before ? Moments[chance.Next(3)]
        : Moments[chance.Next(4)];

    private static Victim Pick(Random chance) => Victims[chance.Next(Victims.Length)];
}
