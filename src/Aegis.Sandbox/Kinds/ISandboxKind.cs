using System.Collections.Immutable;

namespace Aegis.Sandbox.Kinds;

/// <summary>One way to surround a command. All of them are entered through the server's room: that is what
/// makes each of them die with the server, whichever way it dies.</summary>
internal interface ISandboxKind
{
    SandboxKind Kind { get; }

    /// <summary>Looks for what the kind is built of and really enters one sandbox. Throws
    /// <see cref="Core.Errors.AegisException"/> with the mend where it can't be had here.</summary>
    Task<ImmutableArray<WallRecord>> EnterAsync(CancellationToken cancel);

    /// <summary>The walls that a spec would have, without starting it.</summary>
    ImmutableArray<WallRecord> WallsOf(SandboxSpec spec, ImmutableArray<WallRecord> entered);

    /// <summary>Runs one command to its end; see <see cref="SandboxRunner.RunAsync"/>.</summary>
    Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io, ImmutableArray<WallRecord> entered,
        CancellationToken cancel);
}
