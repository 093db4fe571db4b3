namespace Aegis.Durability.Points;

/// <summary>What is wrong after a point.</summary>
/// <param name="Code">The law that was broken, for those who compare results.</param>
internal sealed record Fault(string Code, string Words)
{
    public const string ActBeforeFact = "act-before-fact";
    public const string FencedWrite = "fenced-write";
    public const string Stuck = "stuck";
    public const string EndState = "end-state";
    public const string Chain = "chain";
    public const string Orphan = "orphan";
    public const string Doubled = "doubled";
    public const string Missed = "missed";
    public const string Broke = "broke";
}

/// <param name="Note">Worth telling, not wrong.</param>
internal sealed record PointResult(Point Point, IReadOnlyList<Fault> Faults, TimeSpan Took, string? Note)
{
    public bool Passed => Faults.Count == 0;
}
