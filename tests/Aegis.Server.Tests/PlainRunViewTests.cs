using System.Globalization;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Server.Tests;

/// <summary>What a pipe sees of a run: every task of a small one, counts and failures of a large
/// one.</summary>
public sealed class PlainRunViewTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(RunCounts.ToldTasksMax, 2 * RunCounts.ToldTasksMax)]
    [InlineData(RunCounts.ToldTasksMax + 1, 20)]
    [InlineData(10_000, 20)]
    public void Lines_OfARunWithoutTrouble(int tasks, int expected) =>
        Assert.Equal(expected + 1, Shown(tasks, _ => false).Count(l => l.Length > 0));

    [Fact]
    public void Failures_OfALargeRun_AreListed()
    {
        var lines = Shown(10_000, n => n is 17 or 4_711);
        Assert.Contains(lines, l => l.EndsWith("s17: failed in 1.0s: AEGIS9999: no",
            StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith("5,000/10,000 tasks ended, 2 failed",
            StringComparison.Ordinal));
        Assert.Equal("failed: s17, s4711", lines[^2]);
        Assert.StartsWith("run run_1 failed in ", lines[^3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunCounts.TroublesMax, RunCounts.TroublesMax)]
    [InlineData(RunCounts.TroublesMax + 1, RunCounts.TroublesMax)]
    public void Failures_BeyondTheLimit_AreCounted(int failing, int told) =>
        Assert.Equal(told, Shown(1_000, n => n < failing).Count(l => l.Contains(": failed in",
            StringComparison.Ordinal)));

    private static string[] Shown(int tasks, Func<int, bool> fails)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var terminal = new Terminal(output, TextWriter.Null, false, 100, _ => null);
        var progress = new RunProgress(new RunDetail("run_1", "plan_1", "w", "running", null, "me", tasks, 0,
            0,
            Start, Start, null, [.. Enumerable.Range(0, tasks).Select(n => new TaskDetail($"t{n}", $"s{n}",
                "flow.noop", "waiting", 0, null, null, null, null, null, null, null, []))]));
        var view = new PlainRunView(terminal, progress);
        for (var n = 0; n < tasks; n++)
        {
            Tell(view, progress, "TaskStarted", 0, new { step_id = $"s{n}", tool = "flow.noop",
                attempt = 1 });
            Tell(view, progress, fails(n) ? "TaskFailed" : "TaskCompleted", 1,
                new { step_id = $"s{n}", error = new { code = "AEGIS9999", message = "no" } });
        }
        Tell(view, progress, Enumerable.Range(0, tasks).Any(fails) ? "RunFailed" : "PlanCompleted", 2,
            new { });
        view.End();
        return output.ToString().Split('\n');
    }

    private static void Tell(PlainRunView view, RunProgress progress, string type, int second, object payload)
    {
        var fact = new RunEvent(1, type, Start.AddSeconds(second),
            JsonSerializer.SerializeToElement(payload));
        view.Show(fact, progress.Apply(fact));
    }
}
