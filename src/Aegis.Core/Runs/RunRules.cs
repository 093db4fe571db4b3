namespace Aegis.Core.Runs;

/// <summary>What the core knows of a tool.</summary>
/// <param name="Effect">pure, idempotent, reconcilable or once.</param>
/// <param name="Inline">Needs no slot: it returns at once.</param>
/// <param name="Turns">A step with it is an agent's loop: one task for each of its turns.</param>
public readonly record struct ToolTraits(string Effect, bool Inline, bool Turns = false);

/// <summary>What decisions are taken by besides the run itself: swapped whole, never changed.</summary>
/// <param name="Traits">Traits of a tool by name; null for a tool that this node does not have.</param>
public sealed record RunRules(Func<string, ToolTraits?> Traits)
{
    /// <summary>A rendered input above this stands in no event.</summary>
    public const int InputBytesMax = 16 * 1024;
}
