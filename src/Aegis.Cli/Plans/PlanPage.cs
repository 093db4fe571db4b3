using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Drawing;
using Aegis.Core.Plans.Review;
using Aegis.Core.Plans.Triggers;
using Aegis.Core.Policy;

namespace Aegis.Cli.Plans;

/// <summary>A reviewed plan for a person: what starts it, the picture, what each step may do, and what a run
/// costs.</summary>
internal sealed class PlanPage(Terminal terminal, PlanReview review, bool ascii)
{
    /// <summary>Steps that are told one by one; --json has them all.</summary>
    public const int StepsMax = 200;

    private readonly Plan plan = review.Plan;

    public void Write(
        IReadOnlyList<(string Name, string Value)> inputs, string profile, IReadOnlyList<string> tiers)
    {
        Head(inputs, profile, tiers);
        terminal.Out.WriteLine();
        foreach (var line in TextPicture.Of(plan, terminal.Width, ascii))
        {
            terminal.Out.WriteLine(string.Concat(line.Runs.Select(r => Painted(r.Text, r.Style))));
        }
        terminal.Out.WriteLine();
        Steps();
        terminal.Out.WriteLine();
        Cost();
    }

    private void Head(
        IReadOnlyList<(string Name, string Value)> inputs, string profile, IReadOnlyList<string> tiers)
    {
        var policy = plan.Policy;
        terminal.Out.WriteLine(Painted(Terminal.Visible(plan.Name), TextStyle.Title)
            + $"  {Count(plan.Tasks.Length, "step")}, workflow {plan.WorkflowHash[..12]}");
        Row("starts by", plan.On.IsEmpty ? "manual" : string.Join(", ", plan.On.Select(Trigger)));
        Row("inputs", inputs.Count == 0 ? "none"
            : string.Join(", ", inputs.Select(i => $"{i.Name} = {i.Value}")));
        Row("commands", List(policy.AllowCommands, "none is allowed"));
        Row("hosts", List(policy.EgressAllow, "none is allowed"));
        Row("caps", string.Join(", ", new[]
        {
            policy.MaxCostUsd is { } usd ? $"{Usd(usd)}" : "no cap on cost",
            policy.MaxTime is { } time ? $"{Time(time)}" : "no cap on time",
        }));
        Row("scopes", List([.. review.Steps.Select(s => s.Fact?.Scope ?? "?").Distinct().Order()], "none"));
        Row("profile", profile);
        if (tiers.Count > 0)
        {
            Row("tiers", List(tiers, ""));
        }
    }

    private void Steps()
    {
        foreach (var step in review.Steps.Take(StepsMax))
        {
            var task = step.Task;
            terminal.Out.WriteLine(Painted(task.StepId.PadRight(16), TextStyle.Title)
                + Terminal.Visible($" {string.Join(Dot, Facts(step))}"));
            foreach (var line in Verdicts(step))
            {
                terminal.Out.WriteLine(Terminal.Visible($"{"",16} {line}"));
            }
        }
        if (review.Steps.Length > StepsMax)
        {
            terminal.Out.WriteLine($"and {review.Steps.Length - StepsMax} more steps; --json has them all");
        }
    }

    private IEnumerable<string> Facts(StepReview step)
    {
        var (task, options) = (step.Task, step.Task.Options);
        yield return task.Tool;
        if (step.Fact is { } fact)
        {
            yield return fact.Scope;
            yield return fact.Effect;
        }
        if (!task.Needs.IsEmpty)
        {
            yield return "needs " + Some(task.Needs.Select(n => plan.Tasks[n].StepId), task.Needs.Length);
        }
        if (task.If is not null)
        {
            yield return $"if {task.If}";
        }
        if (task.Timeout is { } timeout)
        {
            yield return $"timeout {Time(timeout)}";
        }
        if (task.Retry.Max > 0)
        {
            yield return Count(task.Retry.Max, "retry", "retries") + ", "
                + task.Retry.Backoff.ToString().ToLowerInvariant();
        }
        if (options.Approve is { } approve)
        {
            yield return approve.Timeout is { } within ? $"asks for approval within {Time(within)}"
                : "asks for approval";
        }
        if (options.Foreach is { } each)
        {
            yield return (step.Times.IsKnown ? $"{Count(step.Times.Most, "item")}"
                : $"at most {step.Times.Most:N0} items")
                + (each.Parallel is { } parallel ? $", {parallel} at once" : "");
        }
        if (options.Repeat is { } repeat)
        {
            yield return $"at most {Count(repeat.Max, "iteration")}, until {repeat.Until}";
        }
        if (!options.Locks.IsEmpty)
        {
            yield return "locks " + string.Join(", ", options.Locks);
        }
        if (task.ContinueOnError)
        {
            yield return "may fail";
        }
    }

    private IEnumerable<string> Verdicts(StepReview step)
    {
        var (arguments, subject) = (step.Arguments, step.Arguments.Line ?? step.Arguments.Address);
        if (step.ToolRefusal is { } refusal)
        {
            yield return $"{Sign(Decision.Deny)} {Why(refusal)}";
        }
        else if (arguments.Verdict is not { } verdict)
        {
            yield return $"{Sign(null)} {subject}  (holds expressions: judged when it starts)";
        }
        else if (subject is not null || verdict.Error is not null)
        {
            yield return $"{Sign(verdict.Decision)} {subject ?? step.Task.Tool}  "
                + $"({string.Join(", ", verdict.Deciding.DefaultIfEmpty(verdict.Rule))})";
            if (verdict.Error is { } why)
            {
                yield return "  " + Why(why);
            }
        }
        if (step.Decision is not (null or Decision.Deny) && !arguments.Later.IsEmpty)
        {
            yield return $"{Sign(null)} {string.Join(", ", arguments.Later.Select(r => $"rule {r}"))}  "
                + "(looks at expressions: asked when it starts)";
        }
        if (step.Cost.Most != 0)
        {
            yield return "$ " + Range(step.Cost.Least, step.Cost.Most);
        }
    }

    private static string Why(AegisError error) =>
        $"{error.Code}: {error.Message}{(error.Mend is null ? "" : $". {error.Mend}")}";

    private void Cost()
    {
        var (denied, asking) = (Steps(Decision.Deny), Steps(Decision.Ask));
        var (least, cap) = (review.Cost.Least, plan.Policy.MaxCostUsd);
        Row("cost", review.MostUsd is null ? Range(least, null)
            : Range(least, review.MostUsd)
                + (review.Cost.Most is null ? ": the cap holds it; the plan alone has no bound"
                    : review.Cost.Most > cap
                        ? $": the cap holds it; the plan alone could cost {Usd(review.Cost.Most.Value)}"
                    : ""));
        foreach (var why in review.Cost.Why.Take(20))
        {
            Row("", why);
        }
        Row("denied", denied.Count == 0 ? "nothing that is known before the run"
            : $"{Count(denied.Count, "step")} will be refused: {Some(denied, denied.Count)}");
        if (asking.Count > 0)
        {
            Row("asks", $"{Count(asking.Count, "step")} will wait for a person: "
                + Some(asking, asking.Count));
        }
    }

    private List<string> Steps(Decision decision) =>
        [.. review.Steps.Where(s => s.Decision == decision).Select(s => s.Task.StepId)];

    private static string Range(decimal least, decimal? most) =>
        most is null ? $"{Usd(least)} or more: nothing bounds it"
        : least == most ? Usd(least) : $"{Usd(least)} to {Usd(most.Value)}";

    private string Dot => ascii ? " | " : " · ";

    private void Row(string name, string value) =>
        terminal.Out.WriteLine(Terminal.Visible($"{name,-10} {value}"));

    private string List(IReadOnlyList<string> items, string none) =>
        items.Count == 0 ? none : string.Join(Dot, items.Take(40)) + (items.Count > 40
            ? $" and {items.Count - 40} more" : "");

    private static string Some(IEnumerable<string> names, int count) =>
        string.Join(", ", names.Take(6)) + (count > 6 ? $" and {count - 6} more" : "");

    /// <summary>Null is not known yet.</summary>
    private string Sign(Decision? decision) => (decision, ascii) switch
    {
        (Decision.Allow, false) => "✓",
        (Decision.Deny, false) => "✗",
        (Decision.Ask, _) => "!",
        (Decision.Allow, true) => "ok",
        (Decision.Deny, true) => "NO",
        _ => "?",
    };

    private static string Trigger(Trigger trigger) => trigger switch
    {
        ScheduleTrigger s =>
            $"schedule ({s.Cron}, {s.TimeZone}, missed: {s.Missed.ToString().ToLowerInvariant()})",
        WorkflowCompletedTrigger w =>
            $"workflow_completed ({w.Workflow}, {w.Status.ToString().ToLowerInvariant()})",
        GithubTrigger { Branches.IsEmpty: false } g => $"{g.Name} ({string.Join(", ", g.Branches)})",
        _ => trigger.Name,
    };

    private static string Usd(decimal amount) =>
        amount.ToString("0.########", CultureInfo.InvariantCulture) + " USD";

    private static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0} ms",
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0.#} s",
        { TotalHours: < 1 } => $"{time.TotalMinutes:0.#} min",
        { TotalDays: < 2 } => $"{time.TotalHours:0.#} h",
        _ => $"{time.TotalDays:0.#} days",
    };

    private static string Count(int count, string one, string? many = null) =>
        $"{count:N0} {(count == 1 ? one : many ?? one + "s")}";

    private string Painted(string text, TextStyle style) => !terminal.Live ? text : style switch
    {
        TextStyle.Line => $"\u001b[2m{text}\u001b[0m",
        TextStyle.Title => $"\u001b[1m{text}\u001b[0m",
        TextStyle.Detail => $"\u001b[36m{text}\u001b[0m",
        _ => text,
    };
}
