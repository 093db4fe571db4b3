using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;
using Aegis.Gate;
using Aegis.Sandbox;

namespace Aegis.Engine.Pump;

/// <summary>Carries out attempts: opens the workspace, calls the gate, seals the layer, and tells the pump.
/// Inline tools run right here, on the commit thread; all others on the pool.</summary>
public sealed class AttemptRunner(Gate.Gate gate, ToolCatalogue tools, Workspaces? workspaces,
    IRunRepositories? repositories, FileHasher hasher, TurnReplies replies, TimeProvider time, Random chance)
{
    /// <summary>How long an attempt may take where neither the step nor the workflow says.</summary>
    public static TimeSpan TimeoutDefault { get; } = TimeSpan.FromMinutes(30);

    public void Begin(RunPump pump, RunEffect.Execute execute)
    {
        var task = pump.Committed.Plan.Tasks[execute.Index];
        var tool = tools.Known(pump.Head.Tenancy, task.Tool)!;
        if (!tool.Descriptor.RunsInline || task.Hashes.HasFlag(HashUse.Outputs)
            || !gate.JudgesAtOnce(pump.Starter))
        {
            _ = Task.Run(() => RunAsync(pump, tool, execute));
            return;
        }
        var call = new GateCall(
            task.Tool, execute.Input, Context(pump, execute.Index, execute.Attempt, execute.Env, null) with
            {
                Grant = execute.Grant,
            });
        var outcome = gate.InvokeAsync(
            call, Journal(pump, execute.Index, execute.Attempt, call.Context.CallId),
            CancellationToken.None);
        if (!outcome.IsCompleted)
        {
            // the policy has changed since it was known: the ledger is asked after all
            _ = ReturnLaterAsync(pump, tool, execute, call.Context, outcome);
            return;
        }
        Return(pump, tool, execute, call.Context, outcome.Result);
    }

    private async Task ReturnLaterAsync(RunPump pump, Tool tool, RunEffect.Execute execute,
        CallContext context, ValueTask<CallOutcome> pending)
    {
        CallOutcome ended;
        try
        {
            ended = await pending;
        }
        catch (Exception e)
        {
            ended = Broken(context.StepId, e);
        }
        Return(pump, tool, execute, context, ended);
    }

    private void Return(RunPump pump, Tool tool, RunEffect.Execute execute, CallContext context,
        CallOutcome ended) => Return(pump, tool, execute.Index, execute.Attempt, context.CallId, ended, null,
            false, Retryable(ended), Question(ended, tool, execute));

    public void BeginProbe(RunPump pump, RunEffect.Probe probe) =>
        _ = Task.Run(() => ProbeAsync(pump, probe));

    private async Task RunAsync(RunPump pump, Tool tool, RunEffect.Execute execute)
    {
        var (index, attempt) = (execute.Index, execute.Attempt);
        var step = pump.Committed.Plan.Tasks[index].StepId;
        var source = pump.Track(index);
        AttemptWorkspace? workspace = null;
        string? layer = null;
        var callId = CallId(pump, step, attempt);
        ImmutableArray<FileHashFact> hashes = [];
        CallOutcome outcome;
        try
        {
            workspace = await OpenAsync(pump, tool, index, attempt, source.Token);
            var context = Context(pump, index, attempt, execute.Env, workspace) with
            {
                Grant = execute.Grant,
                Turn = await replies.TurnAsync(pump, index, source.Token),
            };
            source.CancelAfter(Left(context.Deadline));
            if (tool.Descriptor.WaitsForPeople)
            {
                pump.Slots.Release(index);
            }
            outcome = await gate.InvokeAsync(new GateCall(tool.Descriptor.Name, execute.Input, context),
                Journal(pump, index, attempt, callId), source.Token);
            if (workspace is not null)
            {
                layer = await CloseAsync(
                    workspace, outcome.Result.Ok || pump.Committed.Start.Freeze);
                workspace = null;
            }
            hashes = outcome.Result.Ok
                ? await HashesAsync(pump, index, layer, outcome)
                : hashes;
        }
        catch (Exception e)
        {
            outcome = Broken(step, e);
        }
        if (workspace is not null)
        {
            await DiscardAsync(workspace, step);
        }
        pump.Untrack(index);
        Return(pump, tool, index, attempt, callId, outcome, layer, false, Retryable(outcome),
            Question(outcome, tool, execute), hashes);
    }

    private async ValueTask<ImmutableArray<FileHashFact>> HashesAsync(
        RunPump pump, int index, string? layer, CallOutcome outcome)
    {
        var run = pump.Committed;
        if (!run.Plan.Tasks[index].Hashes.HasFlag(HashUse.Outputs))
        {
            return [];
        }
        var (hashes, error) = await hasher.OfOutputsAsync(
            run, index, layer, outcome.Result.Text, outcome.Result.Outputs);
        return error is null ? hashes : throw new AegisException(error);
    }

    public void BeginHashes(RunPump pump, RunEffect.HashFiles effect) => hasher.Begin(pump, effect);

    private async Task ProbeAsync(RunPump pump, RunEffect.Probe probe)
    {
        var task = pump.Committed.Plan.Tasks[probe.Index];
        var tool = tools.Known(pump.Head.Tenancy, task.Tool)!;
        var source = pump.Track(probe.Index);
        source.CancelAfter(TimeSpan.FromMinutes(5));
        var callId = CallId(pump, task.StepId, probe.Attempt);
        ProbeResult answer;
        AttemptWorkspace? workspace = null;
        try
        {
            workspace = await OpenAsync(pump, tool, probe.Index, probe.Attempt, source.Token);
            answer = await gate.ProbeAsync(new GateCall(task.Tool, probe.Input,
                Context(pump, probe.Index, probe.Attempt, probe.Env, workspace)), source.Token);
        }
        catch (Exception e)
        {
            EngineLog.ProbeBroke(gate.Log, task.StepId, e);
            answer = new ProbeResult.Unknown(
                $"asking whether {task.Tool} took effect failed: {e.GetType().Name}");
        }
        if (workspace is not null)
        {
            await DiscardAsync(workspace, task.StepId);
        }
        pump.Untrack(probe.Index);
        if (answer is ProbeResult.Happened happened)
        {
            Return(pump, tool, probe.Index, probe.Attempt, callId,
                new CallOutcome(happened.Result, false, TimeSpan.Zero), null, true, false);
            return;
        }
        pump.Post(new ProbeAnswered(time.GetUtcNow(), probe.Index, probe.Attempt, null,
            (answer as ProbeResult.Unknown)?.Why));
    }

    private void Return(RunPump pump, Tool tool, int index, int attempt, string callId, CallOutcome outcome,
        string? layer, bool probed, bool retryable, GateQuestion? asks = null,
        ImmutableArray<FileHashFact> hashes = default)
    {
        var result = outcome.Result;
        var attemptResult = new AttemptResult(
            callId, tool.Descriptor.Name, EffectText(tool.Descriptor.Effect),
            result.Ok, result.Text, result.Outputs, result.ExitCode, result.Error, result.CostUsd,
            (long)outcome.Duration.TotalMicroseconds, outcome.Log, outcome.Walls, layer, outcome.Denied,
            retryable, probed, result.AddedSteps, result.Child,
            hashes.IsDefaultOrEmpty ? null : hashes, asks, outcome.Artifacts, outcome.Egress,
            outcome.Models, outcome.Denied ? null : result.Audit, result.Patches);
        pump.Post(new TaskReturned(time.GetUtcNow(), index, attempt, attemptResult, chance.NextDouble()));
    }

    private async ValueTask<AttemptWorkspace?> OpenAsync(RunPump pump, Tool tool, int index, int attempt,
        CancellationToken cancel)
    {
        if (!tool.Descriptor.UsesWorkspace || workspaces is null)
        {
            return null;
        }
        pump.UsedWorkspace = true;
        var run = pump.Committed;
        ImmutableArray<string> layers = [.. run.Graph.FilesOf(index)
            .SelectMany(i => RetryPlan.LayersOf(run.Tasks[i]))];
        return await workspaces.OpenAsync(
            run.Start.RunId, layers, run.Plan.Tasks[index].StepId, attempt, cancel);
    }

    private async ValueTask<string?> CloseAsync(AttemptWorkspace workspace, bool keep)
    {
        if (keep)
        {
            return (await workspaces!.SealAsync(workspace, CancellationToken.None)).LayerId;
        }
        await workspaces!.DiscardAsync(workspace, CancellationToken.None);
        return null;
    }

    private async ValueTask DiscardAsync(AttemptWorkspace workspace, string step)
    {
        try
        {
            await workspaces!.DiscardAsync(workspace, CancellationToken.None);
        }
        catch (Exception e)
        {
            EngineLog.DiscardBroke(gate.Log, step, e);
        }
    }

    private CallContext Context(
        RunPump pump, int index, int attempt, ImmutableSortedDictionary<string, string> env,
        AttemptWorkspace? workspace)
    {
        var run = pump.Committed;
        var task = run.Plan.Tasks[index];
        var repository = run.Start.Repository is { } named ? repositories?.Find(pump.Head.Tenancy, named)
            : null;
        return new CallContext(pump.Starter, new RunId(run.Start.RunId), task.StepId, attempt,
            CallId(pump, task.StepId, attempt), run.Plan.Policy, env, repository, workspace,
                pump.BudgetLeftUsd,
            Deadline(run, task), pump.ProfileVersion)
        {
            RunBudgets = pump.Budgets,
            Audits = pump.Audits,
        };
    }

    // the turns of an agent share the time of its step
    private DateTimeOffset Deadline(RunState run, PlanTask task) =>
        task is { Member: { Turn: true } turn, Timeout: { } whole }
        && run.Tasks[turn.Group].StartedAt is { } began
            ? began + whole : time.GetUtcNow() + (task.Timeout ?? TimeoutDefault);

    private AttemptJournal Journal(RunPump pump, int index, int attempt, string callId) =>
        new(pump, index, attempt, callId, replies, time);

    private TimeSpan Left(DateTimeOffset deadline)
    {
        var left = deadline - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private static string CallId(RunPump pump, string step, int attempt) =>
        $"{pump.Committed.Start.RunId}.{step}.{attempt}";

    private static bool Retryable(CallOutcome outcome) =>
        outcome.RetryAfter > TimeSpan.Zero || (!outcome.Denied
            && outcome.Result.Error?.Code.StartsWith("AEGIS20", StringComparison.Ordinal) != true
            && !EndsLoop(outcome.Result.Error?.Code));

    // an agent's loop that came to its end would come to the same one again
    private static bool EndsLoop(string? code) => code is not null
        && string.CompareOrdinal(code, "AEGIS2600") >= 0 && string.CompareOrdinal(code, "AEGIS2610") <= 0;

    private static GateQuestion? Question(CallOutcome outcome, Tool tool, RunEffect.Execute execute) =>
        outcome.AsksRule is { } rule
            ? new GateQuestion(rule,
                GateQuestion.DigestOf(tool.Descriptor.Name, execute.Input, execute.Env), outcome.Policy)
            : null;

    private CallOutcome Broken(string step, Exception e)
    {
        if (e is AegisException refusal)
        {
            return Failed(refusal.Error);
        }
        if (e is OperationCanceledException)
        {
            return Failed(new AegisError("AEGIS5005", $"step {step} was interrupted or ran out of time",
                Mend: "raise the step's timeout if it needs longer"));
        }
        EngineLog.AttemptBroke(gate.Log, step, e);
        return Failed(new AegisError("AEGIS5006", $"step {step} broke inside the engine: {e.GetType().Name}",
            Mend: "the server's log has the details; report it with the run's id"));
    }

    private static CallOutcome Failed(AegisError error) => new(ToolResult.Fail(error), false, TimeSpan.Zero);

    internal static string EffectText(ToolEffect effect) => effect switch
    {
        ToolEffect.Pure => "pure",
        ToolEffect.Idempotent => "idempotent",
        ToolEffect.Reconcilable => "reconcilable",
        _ => "once",
    };
}
