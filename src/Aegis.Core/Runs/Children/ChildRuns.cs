using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Children;

/// <summary>
/// Steps that stand on a run of their own. The request is a fact first; then the engine starts the run, under
/// an id made of the parent's, the step and the attempt, so that however often a start is tried there is one.
/// The step holds no slot while it waits. Rejected: an attempt that waits, which would hold a slot and be
/// started anew by every crash.
/// </summary>
public static class ChildRuns
{
    /// <summary>Runs below one another, the uppermost not counted.</summary>
    public const int DepthMax = 8;

    /// <summary>A child's inputs, as JSON.</summary>
    public const int InputsCharsMax = 64 * 1024;

    /// <summary>Who steers a child on its parent's behalf, as its events name it.</summary>
    public static string ActorOf(string parentRunId) => $"run:{parentRunId}";

    public static string IdOf(RunState parent, string stepId, int attempt)
    {
        var name = string.Create(CultureInfo.InvariantCulture,
            $"{parent.Start.RunId}\n{stepId}\n{attempt}");
        return SortableId.Make("run_", parent.StartedAt, SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    /// <summary>The code of the error with which the step failed that failed a run.</summary>
    public static string? FailedWith(RunState run) =>
        Progress.FirstFailed(run) is { } task ? run.Tasks[task.Index].Error?.Code : null;

    /// <summary>The fact that a step asked for a run, and what follows from it.</summary>
    internal static void Request(Decision d, int index, int attempt, ChildRequest request)
    {
        var task = d.State.Plan.Tasks[index];
        var deadline = d.At + task.Timeout;
        d.Emit(new ChildRunRequested(task.StepId, attempt, IdOf(d.State, task.StepId, attempt),
            request.Workflow, request.Inputs, request.Repository, request.Ref, deadline));
        Attend(d, index);
    }

    /// <summary>Asks for the run to be started or watched, and to be woken at the step's deadline.</summary>
    internal static void Attend(Decision d, int index)
    {
        var state = d.State.Tasks[index];
        d.Then(new RunEffect.StartChild(index, state.Child!.RunId, state.Child.Request));
        if (state.NotBefore is { } deadline)
        {
            d.Then(new RunEffect.WakeAt(index, deadline));
        }
    }

    /// <summary>Has every child follow what its parent does now.</summary>
    internal static void SteerAll(Decision d)
    {
        foreach (var task in d.State.Plan.Tasks)
        {
            if (d.State.Tasks[task.Index].Status == TaskStatus.Child)
            {
                d.Then(new RunEffect.SteerChild(task.Index));
            }
        }
    }

    internal static AegisError Failed(ChildRun child, ChildResult result, bool late) => result.Refusal
        ?? (late && result.Status == "cancelled"
            ? new AegisError("AEGIS5053",
                $"{child.RunId} of {child.Request.Workflow} ran out of the step's time",
                Mend: "raise the step's timeout if it needs longer")
            : new AegisError(result.Status == "cancelled" ? "AEGIS5052" : "AEGIS5051",
                $"{child.RunId} of {child.Request.Workflow} {(result.Status == "cancelled" ? "was " : "")}"
                + $"{result.Status}{(result.Reason is { } why ? $": {why}" : "")}",
                Got: result.FailedWith, Mend: $"`aegis runs show {child.RunId}` has its steps"));
}
