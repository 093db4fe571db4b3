namespace Aegis.Sandbox.Egress;

/// <summary>What commands of one sandbox may ask of the proxy. The constants are the values that hold where
/// nobody says otherwise.</summary>
public sealed record EgressLimits
{
    /// <summary>At once; one more is answered with 503.</summary>
    public const int ConnectionsMax = 256;

    /// <summary>Both directions together, for the whole command.</summary>
    public const long BytesMax = 4L << 30;

    /// <summary>What comes faster waits.</summary>
    public const long BytesPerSecondMax = 256L << 20;

    /// <summary>Tunnels and requests; what comes faster waits.</summary>
    public const int RequestsPerSecondMax = 1_000;

    public const int HeadSecondsMax = 60;
    public const int HelloSecondsMax = 10;
    public const int ConnectSecondsMax = 15;
    public const int IdleSecondsMax = 300;

    public int Connections { get; init; } = ConnectionsMax;

    public long Bytes { get; init; } = BytesMax;

    public long BytesPerSecond { get; init; } = BytesPerSecondMax;

    public int RequestsPerSecond { get; init; } = RequestsPerSecondMax;

    /// <summary>For the whole of a request's head, and between two requests of a connection.</summary>
    public TimeSpan HeadTime { get; init; } = TimeSpan.FromSeconds(HeadSecondsMax);

    /// <summary>For the whole of a tunnel's first TLS message.</summary>
    public TimeSpan HelloTime { get; init; } = TimeSpan.FromSeconds(HelloSecondsMax);

    /// <summary>To look a name up and connect; with TLS where the proxy speaks it.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(ConnectSecondsMax);

    /// <summary>Without a byte in either direction.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(IdleSecondsMax);
}
