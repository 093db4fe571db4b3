using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;

namespace Aegis.Core.Tests.Runs;

/// <summary>A run without a shell: effects wait in a bag, and the test says which comes next and how it
/// ends.</summary>
internal sealed class Simulation
{
    public static readonly RunRules Rules = new(tool => tool switch
    {
        "pure" => new ToolTraits("pure", true),
        "idem" => new ToolTraits("idempotent", false),
        "probe" => new ToolTraits("reconcilable", false),
        "once" => new ToolTraits("once", false),
        "child" => new ToolTraits("pure", true),
        "agent" => new ToolTraits("idempotent", false, true),
        _ => null,
    });

    private DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(56);

    private readonly PlanGraph graph;

    /// <param name="maxAgents">Of the profile.</param>
    public Simulation(
        PlanGraph graph, bool freeze = false, JsonElement? inputs = null, int? maxAgents = null)
    {
        this.graph = graph;
        var started = new RunStarted(
            "run_1", "plan_1", "test", "hash", "tester", ["tools:*"], inputs, null, null, null, freeze,
            MaxAgents: maxAgents);
        var decision = StartRun.Decide(started, graph, Rules, now);
        Facts.Add((started, now));
        Take(decision);
    }

    /// <summary>A retry of another run.</summary>
    public Simulation(PlanGraph graph, RunStarted started, RetryResult results)
    {
        this.graph = graph;
        Facts.Add((started, now));
        Take(StartRun.Decide(started, graph, Rules, now, results.Reused));
    }

    public RunState State { get; private set; } = null!;

    public List<(RunEvent Fact, DateTimeOffset At)> Facts { get; } = [];

    public List<RunEffect> Pending { get; } = [];

    public IEnumerable<string> Types => Facts.Select(f => f.Fact.GetType().Name);

    public DateTimeOffset Tick() => now = now.AddSeconds(1);

    public Decision Send(Func<DateTimeOffset, RunCommand> command)
    {
        var decision = command(Tick()).Decide(State, Rules);
        Take(decision);
        return decision;
    }

    /// <summary>Carries an effect out: slots are granted, alarms ring, executions end as told.</summary>
    public void Carry(RunEffect effect, bool ok = true, decimal cost = 0, AttemptResult? result = null)
    {
        Pending.Remove(effect);
        switch (effect)
        {
            case RunEffect.AcquireSlot slot:
                Send(at => new GrantSlot(at, slot.Index));
                break;
            case RunEffect.AcquireLocks locks:
                Send(at => new LocksGranted(at, locks.Index, locks.Names));
                break;
            case RunEffect.WakeAt wake:
                now = wake.At > now ? wake.At : now;
                Send(at => new TaskDue(at, wake.Index));
                break;
            case RunEffect.Execute execute:
                var task = State.Plan.Tasks[execute.Index];
                if (Rules.Traits(task.Tool)!.Value.Effect != "pure")
                {
                    Send(at => new RecordCall(at, execute.Index, new ToolCalled(task.StepId, execute.Attempt,
                        $"c{execute.Attempt}", task.Tool, "x", null)));
                }
                Send(at => new TaskReturned(
                    at, execute.Index, execute.Attempt, result ?? Result(task.Tool, ok, cost), 0.5));
                break;
            case RunEffect.StartChild child:
                Send(at => new ChildEnded(at, child.Index, child.RunId, ok
                    ? new ChildResult("succeeded", JsonElement.Parse("""{"n":1}"""), cost)
                    : new ChildResult("failed", null, cost, "it broke"), 0.5));
                break;
            case RunEffect.HashFiles hashes:
                Send(at => new HashesMade(at, hashes.Index, ok
                    ? [.. hashes.Patterns.Select(p => new FileHashFact(p, $"hash of {string.Join(' ', p)}"))]
                    : [], ok ? null : new AegisError("AEGIS1099", "unreadable")));
                break;
            case RunEffect.Probe probe:
                Send(at => new ProbeAnswered(at, probe.Index, probe.Attempt,
                    ok ? Result("probe", true, cost) with { Probed = true } : null, null));
                break;
            default:
                break;
        }
    }

    public void CarryAll(Func<RunEffect, bool>? ok = null)
    {
        while (Pending.Count > 0)
        {
            Carry(Pending[0], ok?.Invoke(Pending[0]) ?? true);
        }
    }

    /// <summary>The state as a new life of the server reads it back; what was under way in memory is
    /// gone.</summary>
    public void Crash()
    {
        Pending.Clear();
        State = Fold();
        Send(at => new Recover(at));
    }

    public RunState Fold()
    {
        var state = RunFold.Start((RunStarted)Facts[0].Fact, graph, Facts[0].At);
        foreach (var (fact, at) in Facts.Skip(1))
        {
            var read = RunEventCodec.Decode(fact.GetType().Name, RunEventCodec.Encode(fact));
            state = RunFold.Evolve(state, read, at);
        }
        return state;
    }

    public static AttemptResult Result(string tool, bool ok, decimal cost = 0) => new("call", tool, "x", ok,
        ok ? "out" : null, null, ok ? 0 : 1, ok ? null
            : new AegisError("AEGIS9999", "broke"), cost, 10, null, null,
        null, false, true, false, null, tool == "child" && ok ? new ChildRequest("w") : null);

    /// <summary>What the gate answers where a rule of it wants a human.</summary>
    public static AttemptResult Asking(RunEffect effect, string? policy = null)
    {
        var execute = (RunEffect.Execute)effect;
        return Result("idem", false) with
        {
            Denied = true,
            Retryable = false,
            Error = new AegisError("AEGIS1142", "git.force: it rewrites history", Got: "git push --force"),
            Asks = new GateQuestion("git.force",
                GateQuestion.DigestOf("idem", execute.Input, execute.Env), policy),
        };
    }

    public string StatusOf(string step) =>
        TaskStatusText.Of(State.Tasks[State.Graph.IndexOf(step)!.Value].Status);

    private void Take(Decision decision)
    {
        State = decision.State;
        Facts.AddRange(decision.Events.Select(e => (e, decision.At)));
        Pending.AddRange(decision.Effects);
    }
}
