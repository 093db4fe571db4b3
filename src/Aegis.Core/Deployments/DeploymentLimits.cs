namespace Aegis.Core.Deployments;

/// <summary>What bounds deployments of the target process.</summary>
public static class DeploymentLimits
{
    /// <summary>Deployments of one project.</summary>
    public const int PerProjectMax = 50;

    /// <summary>Services behind one address.</summary>
    public const int ServicesMax = 8;

    /// <summary>Versions that are kept to go back to.</summary>
    public const int KeptMax = 20;

    public const int KeptDefault = 3;

    public const int MemoryMbMax = 2_048;

    public const int MemoryMbDefault = 512;

    public const int WordsMax = 200;

    public const int VariablesMax = 100;

    /// <summary>Bytes of a sealed tree, as one archive.</summary>
    public const long TreeBytesMax = 1L << 30;

    /// <summary>Addresses that a node gives to deployments: this port and those after it.</summary>
    public const int PortFirst = 21_000;

    public const int PortsMax = 1_000;

    /// <summary>How long a program may take to answer its health check.</summary>
    public const int StartSecondsMax = 600;

    public const int StartSecondsDefault = 30;

    /// <summary>How long the version before is kept beside a new one.</summary>
    public const int SettleSecondsMax = 3_600;

    public const int SettleSecondsDefault = 30;

    /// <summary>Bytes of a deployment's log on disk; the oldest half goes.</summary>
    public const long LogBytesMax = 8L << 20;

    /// <summary>Deaths within <see cref="CrashWindow"/> that make a crash loop.</summary>
    public const int CrashesMax = 3;

    /// <summary>How far back deaths count.</summary>
    public static TimeSpan CrashWindow { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest pause before a dead program is started again.</summary>
    public static TimeSpan BackoffMax { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request waits for a program that is being started again.</summary>
    public static TimeSpan HeldMax { get; } = TimeSpan.FromSeconds(15);

    /// <summary>How long requests of a version that is taken down may still last.</summary>
    public static TimeSpan DrainMax { get; } = TimeSpan.FromSeconds(30);
}
