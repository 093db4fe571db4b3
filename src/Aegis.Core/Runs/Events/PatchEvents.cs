namespace Aegis.Core.Runs.Events;

// What a call of repair.apply did to the workspace, with its ToolReturned. PatchId counts within the call.

/// <summary>A change was proposed that is to mend a failure; it was held against the file next.</summary>
/// <param name="Line">Where it is said to stand, from 1.</param>
public sealed record PatchProposed(string StepId, int Attempt, string PatchId, string File, int Line,
    string Explanation, double? Confidence) : RunEvent;

/// <summary>The change stands in the file.</summary>
/// <param name="Match">How its place was found: exact, whitespace or indentation.</param>
/// <param name="Backup">What undoes it, in the workspace.</param>
public sealed record PatchApplied(string StepId, int Attempt, string PatchId, string File, int Line,
    string Match, string? Backup) : RunEvent;

/// <summary>The change was taken back; its files are as before it.</summary>
public sealed record PatchRolledBack(string StepId, int Attempt, string PatchId, string File, string Why)
    : RunEvent;
