using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>What a command comes to: facts to append, effects for after the commit, and the state they lead
/// to (the same as folding the facts). A refusal has no facts.</summary>
public sealed class Decision
{
    private readonly List<RunEvent> events = [];
    private readonly List<RunEffect> effects = [];

    internal Decision(RunState state, RunRules rules, DateTimeOffset at)
    {
        State = state;
        Rules = rules;
        At = at;
    }

    public RunState State { get; private set; }

    public IReadOnlyList<RunEvent> Events => events;

    public IReadOnlyList<RunEffect> Effects => effects;

    /// <summary>Why the command was not taken; null when it was.</summary>
    public Errors.AegisError? Refusal { get; private set; }

    internal RunRules Rules { get; }

    public DateTimeOffset At { get; }

    internal void Emit(RunEvent fact)
    {
        events.Add(fact);
        State = RunFold.Evolve(State, fact, At);
    }

    internal void Then(RunEffect effect) => effects.Add(effect);

    internal Decision Refuse(Errors.AegisError error)
    {
        Refusal = error;
        return this;
    }
}
