namespace Aegis.Sandbox;

/// <summary>Where the virtual machine's kernel and system are, and how it is run.</summary>
public sealed record MicrovmOptions
{
    /// <summary>A folder that <c>./aegis sandbox prepare</c> filled; null where there is none.</summary>
    public string? Folder { get; init; }

    public VmAcceleration Acceleration { get; init; } = VmAcceleration.Best;

    /// <summary>Memory of a machine whose command has no limit of its own.</summary>
    public long MemoryBytes { get; init; } = 512L << 20;
}

public enum VmAcceleration
{
    /// <summary>KVM where a machine really boots on it, else emulation.</summary>
    Best,

    Emulation,
}
