namespace Aegis.Durability.Proxy;

/// <summary>An event as it passes on the wire, read from the parameters of the append statement.</summary>
/// <param name="StepId">Of the payload; null where the event is the run's.</param>
internal sealed record LedgerEvent(
    long StreamKey, int Version, string Type, string? StepId, int Attempt, byte[] Hash)
{
    public bool Is(string type, string? step) => Type == type && (step is null || StepId == step);
}

/// <summary>One group commit of a node: everything up to the Sync that makes it a transaction.</summary>
/// <param name="NodeKey">The lease epoch that the append statement is fenced by.</param>
internal sealed record Flush(int Number, long NodeKey, IReadOnlyList<LedgerEvent> Events)
{
    public bool Has(string type, string? step) => Events.Any(e => e.Is(type, step));
}

/// <summary>Where in the life of a flush something happens.</summary>
internal enum Moment
{
    /// <summary>PostgreSQL has not seen it.</summary>
    BeforeForward,

    /// <summary>PostgreSQL has got it; whether it commits is a race.</summary>
    Forwarded,

    /// <summary>It is committed, and the server does not know.</summary>
    BeforeAnswer,

    /// <summary>It is committed, and the server was told.</summary>
    AfterAnswer,
}
