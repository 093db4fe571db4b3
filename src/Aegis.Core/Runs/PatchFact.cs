namespace Aegis.Core.Runs;

/// <summary>How far a proposed change of a file came.</summary>
public enum PatchStage
{
    Proposed,
    Applied,
    RolledBack,
}

/// <summary>A change of a file that a call proposed, made, or took back, in the order of what it
/// did.</summary>
/// <param name="PatchId">Of the change within its call: 1, 2, …</param>
/// <param name="Line">Where it stands, from 1; of a proposal, where it is said to stand.</param>
/// <param name="Text">Of a proposal what it is to mend; of one that was made, how its place was found; of
/// one that was taken back, why.</param>
/// <param name="Confidence">Of a proposal, from 0 to 1.</param>
/// <param name="Backup">Of one that was made: what undoes it.</param>
public sealed record PatchFact(PatchStage Stage, string PatchId, string File, int Line, string Text,
    double? Confidence = null, string? Backup = null);
