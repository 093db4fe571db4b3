using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Models;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.ReadModels;

namespace Aegis.Engine.Projections;

/// <summary>A run's rows, as a pure function of its state: what makes a rebuild come to the same
/// bytes.</summary>
public static class RunProjection
{
    /// <summary>Adds the rows that differ between two states of a run (all of them when before is
    /// null).</summary>
    public static void Add(ReadModelBatch batch, TenancyKeys keys, RunState? before, RunState after)
    {
        batch.Runs.Add(Run(keys, after));
        for (var i = 0; i < after.Tasks.Count; i++)
        {
            if (before is null || i >= before.Tasks.Count
                || !ReferenceEquals(before.Tasks[i], after.Tasks[i]))
            {
                batch.Tasks.Add(Task(keys, after, i));
                if (after.Tasks[i].Approval is { } asked)
                {
                    batch.Approvals.Add(Approval(keys, after, i, asked));
                }
            }
        }
        UsageProjection.Add(batch, keys, after.Start.RunId, null, after.Start.Actor,
            before?.Models ?? ModelUsage.None, after.Models);
        batch.Verdicts.AddRange(after.Judgements.Skip(before?.Judgements.Length ?? 0)
            .Select(j => new VerdictRow(keys, $"{after.Start.RunId}.{j.StepId}", j)));
        foreach (var task in after.Plan.Tasks.Skip(before?.Tasks.Count ?? 0))
        {
            foreach (var need in task.Needs)
            {
                batch.Edges.Add(new EdgeRow(keys, TaskId(after, need), TaskId(after, task.Index)));
            }
            // what a task of a group breaks, its group's step breaks
            if (task.Member is { } member)
            {
                batch.Edges.Add(new EdgeRow(keys, TaskId(after, task.Index), TaskId(after, member.Group)));
            }
        }
    }

    private static RunRow Run(TenancyKeys keys, RunState run) => new(keys, run.Start.RunId, run.Start.PlanId,
        run.Start.Name, TaskStatusText.Of(run), Storable(run.StopReason), run.Start.Actor, run.Tasks.Count,
        run.Tasks.Count - run.OpenTasks, run.CostUsd, run.StartedAt, run.ChangedAt, run.EndedAt,
        run.Outputs?.GetRawText(), run.Start.Parent?.RunId, run.Start.Parent?.StepId, run.Start.RetryOf);

    private static TaskRow Task(TenancyKeys keys, RunState run, int index)
    {
        var (plan, state) = (run.Plan.Tasks[index], run.Tasks[index]);
        var conclusion = state.Status == TaskStatus.Failed && plan.ContinueOnError ? "success"
            : state.Outcome;
        var error = state.Error is null ? null
            : JsonSerializer.Serialize(Storable(state.Error), JsonSerializerOptions.Web);
        return new TaskRow(keys, TaskId(run, index), run.Start.RunId, plan.StepId, index, plan.Tool,
            TaskStatusText.Of(state.Status), state.Attempt, state.Outcome, conclusion, state.ExitCode, error,
            state.Log?.Hash, state.Log?.Bytes, state.StartedAt, state.EndedAt,
                state.ChangedAt ?? run.StartedAt);
    }

    private static ApprovalRow Approval(TenancyKeys keys, RunState run, int index, TaskApproval asked) =>
        new(keys, asked.Id, run.Start.RunId, run.Plan.Tasks[index].StepId, Storable(asked.Message),
            asked.StatusText(run.Tasks[index].Ended), asked.RequestedAt, asked.ExpiresAt, asked.AnsweredAt,
            asked.Actor, Storable(asked.Reason), asked.Queue);

    private static AegisError Storable(AegisError error) => error with
    {
        Message = Storable(error.Message)!,
        Expected = Storable(error.Expected),
        Got = Storable(error.Got),
        Mend = Storable(error.Mend),
    };

    /// <summary>Texts of tools and callers may hold the zero character or half of a surrogate pair, which
    /// PostgreSQL's text has not: one such row would hold up all that are written with it.</summary>
    private static string? Storable(string? text)
    {
        if (text is null || (!text.Contains('\0') && !text.Any(char.IsSurrogate)))
        {
            return text;
        }
        return string.Concat(text.EnumerateRunes().Select(r => r.Value == 0 ? "\uFFFD" : r.ToString()));
    }

    private static string TaskId(RunState run, int index) =>
        $"{run.Start.RunId}.{run.Plan.Tasks[index].StepId}";
}
