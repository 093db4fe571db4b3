using Aegis.Durability.Proxy;

namespace Aegis.Durability.Points;

/// <summary>Whom the point strikes.</summary>
internal enum Victim
{
    Server,
    Postgres,
    Both,
    Connections,

    /// <summary>SIGTERM: the server may end in order.</summary>
    ServerGently,
}

internal enum Phase
{
    Before,
    During,
    After,
}

/// <summary>How an act shows that it is under way.</summary>
internal enum Sign
{
    /// <summary>No sign: a flush is the moment.</summary>
    None,

    /// <summary>The task itself stops in a FIFO.</summary>
    Gate,

    /// <summary>A process of the attempt was started.</summary>
    Process,

    /// <summary>Objects of the push arrive: refs/aegis/incoming.</summary>
    Incoming,

    /// <summary>The branch is in the bare repository.</summary>
    Branch,

    /// <summary>The pull request's ref is in the bare repository.</summary>
    Pull,

    /// <summary>The model's server has the request and does not answer.</summary>
    Model,
}

/// <summary>One place in a run's life, and what is done there.</summary>
/// <param name="Tool">Whose act the point is about; null for a point about a commit of the run
/// itself.</param>
/// <param name="EventType">Which flush: the first with this event (of this step, where one is named).</param>
/// <param name="Again">Strike a second time, at the first commit after the recovery.</param>
internal sealed record Point(
    int Number, string? Tool, string? Step, Phase? Phase, string EventType, Moment Moment,
    Sign Sign, Victim Victim, bool Again = false)
{
    public override string ToString() =>
        (Phase is { } phase ? $"{phase.ToString().ToLowerInvariant()} {Tool} ({Step}), " : "")
        + (Sign == Sign.None ? $"{EventType} {Words(Moment)}" : $"seen by {Words(Sign)}")
        + $": {Words(Victim)}" + (Again ? ", and again" : "");

    public static string Words(Moment moment) => moment switch
    {
        Moment.BeforeForward => "before forwarding",
        Moment.Forwarded => "just forwarded",
        Moment.BeforeAnswer => "committed, not answered",
        _ => "answered",
    };

    public static string Words(Victim victim) => victim switch
    {
        Victim.Server => "kill server",
        Victim.Postgres => "kill PostgreSQL",
        Victim.Both => "kill both",
        Victim.Connections => "cut connections",
        _ => "SIGTERM server",
    };

    private static string Words(Sign sign) => sign switch
    {
        Sign.Gate => "the task's FIFO",
        Sign.Process => "a process of the attempt",
        Sign.Incoming => "objects in the bare repository",
        Sign.Branch => "the branch in the bare repository",
        Sign.Pull => "the pull request's ref",
        Sign.Model => "the model's server",
        _ => "nothing",
    };
}
