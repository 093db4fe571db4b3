using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Agents.Loop;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents;

/// <param name="Agent">One that ships, or of the profile.</param>
/// <param name="Task">What it is to do, in words.</param>
/// <param name="Context">Named texts that it is given: <c>spec</c>, <c>plan</c>, <c>vaccines</c> and
/// <c>failures</c> are never cut, others are where room is short. JSON is shown as JSON.</param>
/// <param name="Tools">Fewer tools than the agent has.</param>
/// <param name="Limits">Tighter than the agent's own.</param>
public sealed record AgentRunInput(
    [property: Required, StringLength(64, MinimumLength = 1)] string Agent,
    [property: Required, StringLength(AgentRun.TaskCharsMax, MinimumLength = 1)] string Task,
    ImmutableSortedDictionary<string, JsonElement>? Context = null,
    [property: Length(0, 64)] ImmutableArray<string>? Tools = null,
    AgentRunLimits? Limits = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Context?.Count > AgentRun.SectionsMax)
        {
            yield return new ValidationResult($"context has at most {AgentRun.SectionsMax} texts");
        }
        foreach (var (name, value) in Context ?? ImmutableSortedDictionary<string, JsonElement>.Empty)
        {
            if (name.Length is 0 or > 64 || name.Any(char.IsControl)
                || value.GetRawText().Length > AgentRun.SectionCharsMax)
            {
                yield return new ValidationResult($"a text of context has a name of 1 to 64 characters, and "
                    + $"at most {AgentRun.SectionCharsMax} characters");
            }
        }
    }
}

/// <summary>Tighter limits for one loop; null keeps the agent's own.</summary>
public sealed record AgentRunLimits(
    [property: Range(1, AgentLimits.TurnsMax)] int? Turns = null,
    [property: Range(1L, AgentLimits.TokensMax)] long? Tokens = null,
    decimal? CostUsd = null,
    TimeSpan? Time = null,
    int? Parallel = null,
    int? ContextTokens = null);

/// <summary><c>agent.run</c>: an agent works on a task, turn by turn, until its reply fits its contract. A
/// step with it is a loop whose turns are tasks; a call is one turn. That the agent says it is done ends the
/// loop and no more: whether it is, tests and audit say.</summary>
public sealed class AgentRun : Tool<AgentRunInput>
{
    public const int TaskCharsMax = 64 * 1024;
    public const int SectionsMax = 32;
    public const int SectionCharsMax = 512 * 1024;

    // a turn that is begun again asks its model only where no reply was recorded
    public override ToolDescriptor Descriptor { get; } = new("agent.run", "tools:agent",
        ToolEffect.Idempotent, "An agent works on a task, turn by turn, with its own tools and limits.",
        UsesWorkspace: true)
    {
        NeedsRun = true,
        RunsTurns = true,
    };

    protected override async ValueTask<ToolResult> InvokeAsync(AgentRunInput input, Execution execution,
        CancellationToken cancel)
    {
        if (execution.Context.Turn is not { } turn)
        {
            throw new InvariantViolationException("agent.run outside of a loop");
        }
        var known = await execution.AgentsAsync(cancel);
        if ((known.GetValueOrDefault(input.Agent) ?? BuiltInAgents.All.GetValueOrDefault(input.Agent))
            is not { } agent)
        {
            return ToolResult.Fail(AgentErrors.NoAgent(
                input.Agent, [.. BuiltInAgents.All.Keys.Concat(known.Keys).Distinct()]));
        }
        if (Narrowing.Of(agent, input) is { Error: { } wider })
        {
            return ToolResult.Fail(wider);
        }
        agent = Narrowing.Of(agent, input).Agent;
        var left = agent.Limits.Time - turn.Elapsed;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
        try
        {
            return await new TurnWork(agent, input, turn, execution).RunAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ToolResult.Fail(LoopGuard.TimeSpent(agent.Limits, agent.Limits.Time));
        }
    }
}
