using System.Collections.Immutable;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox;

/// <summary>One command and what surrounds it: pure data. A run is refused where a required wall is
/// missing.</summary>
/// <param name="Label">run/step/attempt/call, for records and for finding orphans.</param>
/// <param name="Argv">The program and its arguments, resolved inside on the sandbox's PATH.</param>
/// <param name="WorkingDirectory">Absolute inside path, at or below /work.</param>
/// <param name="Env">The whole environment inside, besides PATH, HOME, LANG, TERM.</param>
/// <param name="Workspace">What stands at /work (and /app/workplace); null for an empty sized tmpfs.</param>
/// <param name="Mounts">Read-only host folders, such as a package cache.</param>
/// <param name="Network">Null for none but its own loopback.</param>
public sealed record SandboxSpec(
    string Label,
    ImmutableArray<string> Argv,
    string WorkingDirectory,
    ImmutableSortedDictionary<string, string> Env,
    AttemptWorkspace? Workspace,
    ImmutableArray<ReadOnlyMount> Mounts,
    SandboxLimits Limits,
    bool Pty = false,
    ProxyNetwork? Network = null)
{
    public SandboxKind Kind { get; init; } = SandboxKind.Namespace;

    /// <summary>Names of walls (see docs/sandbox.md) without which the command must not run, beside those
    /// that are always required.</summary>
    public ImmutableSortedSet<string> RequiredWalls { get; init; } = [];

    /// <summary>The image whose system the command sees; a container needs one, a microvm may have one, a
    /// namespace shows the host's system folders.</summary>
    public string? Image { get; init; }

    /// <summary>A host folder of the command's own, at <see cref="DataPath"/>: what it writes there stays
    /// when its workspace goes. For the kind <c>namespace</c> alone.</summary>
    public string? DataFolder { get; init; }

    public const string DataPath = "/data";
}

/// <summary>A host path shown read-only inside.</summary>
public sealed record ReadOnlyMount(string HostPath, string InsidePath);

/// <summary>Caps of a sandbox, not reservations. Null asks for no wall of that sort.</summary>
public sealed record SandboxLimits(
    long? MemoryBytesMax,
    int ProcessesMax,
    TimeSpan CpuTimeMax,
    long TmpBytesMax,
    long? WorkspaceBytesMax,
    TimeSpan WallTimeMax)
{
    /// <summary>Processors' worth of time that the whole tree may use at once, such as 0.5; null for no
    /// such limit.</summary>
    public double? CpusMax { get; init; }

    /// <summary>Bytes a second that the tree may read, and as many that it may write, on the disk of the
    /// workspaces; null for no such limit.</summary>
    public long? IoBytesPerSecondMax { get; init; }

    /// <summary>2 GiB, 512 processes, 15 min of CPU, 256 MiB of /tmp, 1 GiB of workspace, 5 min.</summary>
    public static SandboxLimits Default { get; } = new(2L << 30, 512, TimeSpan.FromMinutes(15), 256L << 20,
        1L << 30, TimeSpan.FromMinutes(5));
}

public enum OutputChannel
{
    Stdout,
    Stderr,
}

/// <summary>A wall that the command had, and by what mechanism (<c>absent: reason</c> where it was not asked
/// for and not there).</summary>
public sealed record WallRecord(string Wall, string Mechanism, bool Present);

/// <summary>How a sandboxed command ended. Exactly one of ExitCode and Signal is set.</summary>
public sealed record SandboxOutcome(
    int? ExitCode,
    int? Signal,
    bool TimedOut,
    TimeSpan Duration,
    ImmutableArray<WallRecord> Walls);
