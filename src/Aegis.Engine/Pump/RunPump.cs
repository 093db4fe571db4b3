using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Gate.Budgets;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Pump;

/// <summary>
/// One run on this node, its only writer. A command is decided on the state in memory, its facts are chained
/// and queued for the group commit, and the state moves on at once, so that commands never wait for each
/// other; effects come after the commit. What the world sees (<see cref="Committed"/>) is the committed state
/// only. When an append fails, everything queued behind it fails too, and the pump is dead: its run belongs
/// to somebody else.
/// </summary>
public sealed class RunPump
{
    private readonly PumpContext context;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<int, CancellationTokenSource> running = new();
    private RunState state;
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool dead;

    // a run that never asked for a lock has nothing to give back, and costs the table nothing
    private bool locking;
    private ITimer? deadline;

    private RunPump(PumpContext context, StreamHead head, RunState state, Principal starter,
        int? profileVersion)
    {
        (this.context, Head, this.state, Starter) = (context, head, state, starter);
        ProfileVersion = profileVersion;
        Committed = state;
        Slots = new HeldSlots(context.Slots, head.Tenancy.Tenant, head.StreamId);
    }

    public StreamHead Head { get; }

    internal HeldSlots Slots { get; }

    public Principal Starter { get; }

    public int? ProfileVersion { get; }

    /// <summary>The state as far as it is committed.</summary>
    public RunState Committed { get; private set; }

    /// <summary>What a call may still cost: this run's own rest, and that of the runs above it.</summary>
    internal decimal? BudgetLeftUsd
    {
        get
        {
            var own = Committed.BudgetLeftUsd;
            var above = Committed.Start.Parent is null ? null : context.Children.BudgetLeftAbove(this);
            return own is null || above < own ? above ?? own : own;
        }
    }

    /// <summary>What the audits of this run say, and of those above it.</summary>
    internal RunAudits Audits => Committed.Start.Parent is null ? Committed.Audits
        : Committed.Audits.Below(context.Children.AuditsAbove(this));

    /// <summary>What this run may cost in all, and the runs above it.</summary>
    internal ImmutableArray<RunBudget> Budgets
    {
        get
        {
            var above = Committed.Start.Parent is null ? [] : context.Children.BudgetsAbove(this);
            return Committed.BudgetUsd is { } most
                ? above.Insert(0, new(Head.Keys.Tenant, new RunId(Committed.Start.RunId), most)) : above;
        }
    }

    /// <summary>The stream version that <see cref="Committed"/> stands for.</summary>
    public int CommittedVersion { get; private set; }

    public RunSignal Grown { get; } = new();

    /// <summary>Completes once the run is frozen and the last of its attempts here is over.</summary>
    internal Task Idle => idle.Task;

    /// <summary>True once an attempt of this run had a workspace here.</summary>
    internal bool UsedWorkspace { get; set; }

    /// <summary>Where the read models stand; owned by their writer.</summary>
    internal RunState? Projected { get; set; }

    /// <summary>Creates the run's stream and starts what can start. The callback comes with the
    /// commit.</summary>
    public static RunPump Start(
        PumpContext context, StreamHead head, RunStarted started, Core.Plans.PlanGraph graph,
        Principal by, Action<AppendOutcome> done, ImmutableArray<TaskReused> reused = default)
    {
        var decision = StartRun.Decide(started, graph, context.Rules, context.Time.GetUtcNow(), reused);
        var pump = new RunPump(context, head, decision.State, by, started.ProfileVersion);
        lock (pump.gate)
        {
            List<RunEvent> facts = [started, .. decision.Events];
            pump.Append(facts, decision, isNew: true, done);
        }
        pump.WatchDeadline();
        return pump;
    }

    /// <summary>Takes over a run that another life of a server left open, with the resources that it holds.
    /// <see cref="GoOn"/> once all are taken over.</summary>
    public static RunPump TakeOver(PumpContext context, StreamHead head, RunState state, Principal starter)
    {
        var pump = new RunPump(context, head, state, starter, state.Start.ProfileVersion)
        {
            CommittedVersion = head.Version,
        };
        context.ReadModels.MarkDirty(pump);
        if (state.Plan.Tasks.Any(task => !task.Options.Locks.IsEmpty))
        {
            pump.locking = true;
            var alive = state.Plan.Tasks.Select(task => task.Index)
                .Where(index => !state.Ended && !state.Tasks[index].Ended).ToList();
            context.Locks.TakeOver(head, alive.Where(index => state.Tasks[index].Locks is not null)
                .Select(index => (index, state.Tasks[index].Locks!.Value)), alive);
        }
        return pump;
    }

    /// <summary>Goes on from the last recorded fact.</summary>
    public void GoOn()
    {
        if (!Committed.Ended)
        {
            Post(new Recover(context.Time.GetUtcNow()));
            WatchDeadline();
        }
    }

    /// <summary>Decides and queues; effects follow the commit.</summary>
    public void Post(RunCommand command) => Post(command, null);

    /// <summary>Decides, and returns once the facts are committed; with the refusal if there is
    /// one.</summary>
    public Task<AegisError?> PostAsync(RunCommand command)
    {
        var done = new TaskCompletionSource<AegisError?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(command, done.SetResult);
        return done.Task;
    }

    /// <summary>Decides and queues, and answers with the refusal at once: for facts that nothing waits for,
    /// as what comes after them in the stream is committed after them.</summary>
    public AegisError? PostQueued(RunCommand command)
    {
        AegisError? refusal = null;
        Post(command, null, decided => refusal = decided);
        return refusal;
    }

    /// <summary>Takes the run out of service: nothing is decided any more, attempts are
    /// interrupted.</summary>
    public void Freeze()
    {
        dead = true;
        deadline?.Dispose();
        foreach (var attempt in running.Values)
        {
            attempt.Cancel();
        }
        TellIdle();
    }

    /// <summary>A token that ends when the attempt is to be interrupted.</summary>
    internal CancellationTokenSource Track(int index)
    {
        var source = new CancellationTokenSource();
        running[index] = source;
        if (dead)
        {
            source.Cancel();
        }
        return source;
    }

    internal void Untrack(int index)
    {
        if (running.TryRemove(index, out var source))
        {
            source.Dispose();
        }
        Slots.Release(index);
        TellIdle();
    }

    private void TellIdle()
    {
        if (dead && running.IsEmpty)
        {
            idle.TrySetResult();
        }
    }

    private void Post(
        RunCommand command, Action<AegisError?>? done, Action<AegisError?>? decided = null)
    {
        Decision decision;
        lock (gate)
        {
            if (dead)
            {
                done?.Invoke(PumpErrors.NotHere);
                decided?.Invoke(PumpErrors.NotHere);
                return;
            }
            decision = command.Decide(state, context.Rules);
            decided?.Invoke(decision.Refusal);
            if (decision.Events.Count > 0)
            {
                Append(decision.Events, decision, isNew: false, done is null ? null : outcome =>
                    done(outcome == AppendOutcome.Committed ? decision.Refusal : PumpErrors.NotHere));
                return;
            }
        }
        Perform(decision.Effects);
        done?.Invoke(decision.Refusal);
    }

    /// <summary>Called under the lock.</summary>
    private void Append(IReadOnlyList<RunEvent> facts, Decision decision, bool isNew,
        Action<AppendOutcome>? done)
    {
        var chained = new ChainedEvent[facts.Count];
        for (var i = 0; i < facts.Count; i++)
        {
            chained[i] = Head.Chain(facts[i].GetType().Name, decision.At, RunEventCodec.Encode(facts[i]));
        }
        state = decision.State;
        context.Commit.Enqueue(
            new Append(Head, chained, isNew, outcome => OnCommit(outcome, chained, decision, done)));
    }

    private void OnCommit(AppendOutcome outcome, ChainedEvent[] chained, Decision decision,
        Action<AppendOutcome>? done)
    {
        if (outcome != AppendOutcome.Committed)
        {
            Freeze();
            done?.Invoke(outcome);
            return;
        }
        var spent = decision.State.Start.Parent is not null && decision.State.CostUsd > Committed.CostUsd;
        // whoever knows the version, or is told, finds the rows on their way
        Committed = decision.State;
        context.ReadModels.MarkDirty(this);
        CommittedVersion = chained[^1].Version;
        done?.Invoke(outcome);
        Grown.Wake();
        if (spent)
        {
            context.Children.Spent(this);
        }
        Perform(decision.Effects);
    }

    private void Perform(IReadOnlyList<RunEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RunEffect.Execute execute:
                    context.Attempts.Begin(this, execute);
                    break;
                case RunEffect.Probe probe:
                    context.Attempts.BeginProbe(this, probe);
                    break;
                case RunEffect.AcquireSlot slot:
                    context.Slots.Acquire(
                        Head.Tenancy.Tenant, Head.StreamId, hold => Granted(slot.Index, hold));
                    break;
                case RunEffect.AcquireLocks locks:
                    locking = true;
                    context.Locks.Ask(
                        Head, locks.Index, locks.Names, context.Children.Above(this, locks.Index));
                    break;
                case RunEffect.ReleaseLocks locks:
                    context.Locks.Release(Head, locks.Index);
                    break;
                case RunEffect.WakeAt wake:
                    context.Alarms.At(wake.At,
                        () => Post(new TaskDue(context.Time.GetUtcNow(), wake.Index)));
                    break;
                case RunEffect.Interrupt interrupt:
                    if (running.TryGetValue(interrupt.Index, out var attempt))
                    {
                        attempt.Cancel();
                    }
                    break;
                case RunEffect.HashFiles hashes:
                    context.Attempts.BeginHashes(this, hashes);
                    break;
                case RunEffect.StartChild child:
                    context.Children.Start(this, child);
                    break;
                case RunEffect.SteerChild child:
                    context.Children.Steer(this, child.Index);
                    break;
                case RunEffect.Ended:
                    deadline?.Dispose();
                    if (locking)
                    {
                        context.Locks.ReleaseRun(Head);
                    }
                    context.Ended(this);
                    break;
                default:
                    throw new InvariantViolationException($"unknown effect {effect.GetType().Name}");
            }
        }
    }

    private void Granted(int index, SlotHold hold)
    {
        if (!Slots.TryKeep(index, hold))
        {
            return;
        }
        Post(new GrantSlot(context.Time.GetUtcNow(), index));
        lock (gate)
        {
            if (!dead && state.Tasks[index].Status == TaskStatus.Running)
            {
                return;
            }
        }
        Slots.Release(index);
    }

    private void WatchDeadline()
    {
        if (state is { Plan.Sla: { } sla, Overdue: false })
        {
            context.Alarms.At(state.StartedAt + sla, () => Post(new RunDue(context.Time.GetUtcNow())));
        }
        var limit = Shorter(state.Plan.Policy.MaxTime, state.Plan.Timeout);
        if (limit is { } max)
        {
            var left = state.StartedAt + max - context.Time.GetUtcNow();
            deadline = context.Time.CreateTimer(
                _ => Post(new DeadlinePassed(context.Time.GetUtcNow(), max)), null,
                left < TimeSpan.Zero ? TimeSpan.Zero : left, Timeout.InfiniteTimeSpan);
        }
    }

    private static TimeSpan? Shorter(TimeSpan? a, TimeSpan? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;
}
