namespace Aegis.Core.Routing.Breakers;

/// <summary>When a model is left alone, and for how long.</summary>
public sealed record BreakerRules
{
    /// <summary>So many failures in a row open it.</summary>
    public int FailuresInRow { get; init; } = 5;

    /// <summary>Or this share of failures among the calls of the window, once there are enough.</summary>
    public double FailureRate { get; init; } = 0.5;

    public int CallsMin { get; init; } = 20;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The first time it stays open; each time that follows soon after doubles it.</summary>
    public TimeSpan OpenFirst { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan OpenLongest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Closed for so long, the next opening is a first one again.</summary>
    public TimeSpan Forgiven { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Until a model that its provider does not know is asked for again.</summary>
    public TimeSpan GoneFor { get; init; } = TimeSpan.FromHours(6);

    /// <summary>A provider may ask for no longer pause than this.</summary>
    public TimeSpan RetryAfterLongest { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Calls that try at once whether it is well again.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>So many must succeed until it closes.</summary>
    public int ProbesToClose { get; init; } = 2;

    /// <summary>A probe of which nothing was heard for so long is given up.</summary>
    public TimeSpan ProbeLongest { get; init; } = TimeSpan.FromMinutes(2);

    public static BreakerRules Default { get; } = new();
}
