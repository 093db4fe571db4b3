using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Runs.Models;

/// <summary>What a step of a run says of a model that the run asked before it.</summary>
/// <param name="StepId">The step that judges: its tests ran, or a human answered about it.</param>
/// <param name="Actor">Who answered; <see cref="ModelJudgements.Tests"/> for tests.</param>
/// <param name="Value">From 0, worthless, to 1.</param>
public sealed record ModelJudgement(string StepId, VerdictKind Kind, string Actor, string TaskType,
    string Provider, string Model, double Value, DateTimeOffset At);
