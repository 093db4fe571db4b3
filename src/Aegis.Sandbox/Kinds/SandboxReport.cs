using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>What this node's user has of each kind, as found by entering.</summary>
public sealed record SandboxReport(string User, ImmutableArray<KindReport> Kinds);

/// <param name="Missing">Why the kind can't be had; null where it can.</param>
public sealed record KindReport(string Kind, bool Available, ImmutableArray<WallReport> Walls,
    string? Missing, string? Mend);

/// <param name="Required">Always; the others where a command or an operator asks for them.</param>
/// <param name="Mend">What makes a wall that is absent, or a weaker one, whole.</param>
public sealed record WallReport(string Wall, string Mechanism, bool Present, bool Required, string? Mend);
