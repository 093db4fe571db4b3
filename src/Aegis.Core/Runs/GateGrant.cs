namespace Aegis.Core.Runs;

/// <summary>What a human let pass for one call.</summary>
/// <param name="Rule">Every rule that asked, by name.</param>
/// <param name="Policy">The version of the policy by which they asked; a yes does not outlive it.</param>
public sealed record GateGrant(string Rule, string? Policy = null);
