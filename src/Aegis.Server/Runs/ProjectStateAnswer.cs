using System.Text.Json;
using Aegis.Core.Agents;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Runs;

/// <summary>How what agents build stands.</summary>
/// <param name="Messages">Who said what: the newest 200, the oldest of them first.</param>
/// <param name="CurrentPlan">The plan's tasks.</param>
/// <param name="CodeDiffs">Addresses of pull requests.</param>
/// <param name="SecurityVaccines">What the newest search was told, and ids of what was minted beside
/// it.</param>
/// <param name="RetryCount">How often a task's agent had to begin anew.</param>
/// <param name="BuildStatus">Left out before the first audit.</param>
public sealed record ProjectStateAnswer(string RunId, IReadOnlyList<ProjectMessageAnswer> Messages,
    JsonElement? SpecDocument, JsonElement? CurrentPlan, IReadOnlyList<string> CodeDiffs,
    IReadOnlyList<string> SecurityVaccines, int RetryCount,
    [property: OneOf("clean vulnerable broken")] string? BuildStatus)
{
    public static ProjectStateAnswer Of(string run, ProjectState state) => new(run,
        [.. state.Messages.Select(m => new ProjectMessageAnswer(
            m.At, m.RunId, m.StepId, m.Agent, m.Turn, m.Text, m.Calls))],
        state.SpecDocument, state.CurrentPlan, state.CodeDiffs, state.SecurityVaccines, state.RetryCount,
        state.BuildStatus);
}

/// <param name="Text">The first 2,000 characters.</param>
/// <param name="Calls">The tools that it asked for, as it wrote them.</param>
public sealed record ProjectMessageAnswer(DateTimeOffset At, string RunId, string StepId, string Agent,
    int Turn, string Text, IReadOnlyList<string> Calls);
