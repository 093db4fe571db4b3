using System.Collections.Immutable;

namespace Aegis.Core.Rehearsals;

/// <summary>What goes wrong with a try.</summary>
public enum FaultKind
{
    /// <summary>Nothing but its being slow.</summary>
    None,

    /// <summary>An error of HTTP.</summary>
    Status,

    /// <summary>No answer begins.</summary>
    Timeout,

    /// <summary>No connection is made.</summary>
    Unreachable,

    /// <summary>The connection ends before the answer begins.</summary>
    Disconnect,

    /// <summary>The connection ends within the answer.</summary>
    DisconnectAfter,

    /// <summary>The answer ends early, as if it were whole.</summary>
    TruncateAfter,

    /// <summary>Nothing more comes, and the connection stays.</summary>
    SilentAfter,

    /// <summary>The provider reports an error within its answer.</summary>
    ErrorAfter,

    /// <summary>Something comes that is no JSON.</summary>
    GarbageAfter,

    /// <summary>Something else comes in place of an answer.</summary>
    Garbage,
}

/// <summary>What comes in place of an answer.</summary>
public enum GarbageKind
{
    /// <summary>A page for people.</summary>
    Page,

    /// <summary>JSON that breaks off.</summary>
    BrokenJson,

    /// <summary>JSON that is no answer.</summary>
    WrongForm,
}

/// <summary>A fault, where it happens, and how.</summary>
/// <param name="Status">Of <see cref="FaultKind.Status"/>.</param>
/// <param name="RetryAfter">What the provider asks to wait.</param>
public sealed record RehearsedFault(FaultKind Kind, FaultPlace At, int Status = 0,
    TimeSpan? RetryAfter = null)
{
    /// <summary>Where within the answer, of the kinds that happen there.</summary>
    public FaultPoint After { get; init; }

    public GarbageKind Garbage { get; init; }

    /// <summary>Before the answer begins.</summary>
    public TimeSpan First { get; init; }

    /// <summary>Before each event but the first.</summary>
    public TimeSpan Between { get; init; }
}

/// <summary>Where a fault happens: everything that is named must be so.</summary>
/// <param name="Tries">Of one call, counted from 1 over all its providers; empty for every try.</param>
public sealed record FaultPlace(string? Role, int? Turn, string? Provider, string? Model,
    ImmutableArray<int> Tries)
{
    public static FaultPlace Everywhere { get; } = new(null, null, null, null, []);

    public bool Holds(RehearsedTurn turn, string provider, string model, int nth) =>
        (Role is null || Role == turn.Role) && (Turn is null || Turn == turn.Turn)
        && (Provider is null || Provider == provider) && (Model is null || Model == model)
        && (Tries.IsEmpty || Tries.Contains(nth));
}

/// <summary>A place within an answer. A whole answer is one event.</summary>
public readonly record struct FaultPoint(int Count, bool CountsEvents);
