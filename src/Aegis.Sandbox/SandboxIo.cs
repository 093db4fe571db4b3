using System.Collections.Immutable;
using Aegis.Core.Runs;
using Aegis.Processes;

namespace Aegis.Sandbox;

/// <summary>Where a command's input comes from and its output goes. Each chunk is awaited before the next is
/// read, so output of any size stays in bounded memory.</summary>
/// <param name="StdinFile">A host file fed as stdin; <paramref name="Stdin"/> must be empty then.</param>
/// <param name="OnOutput">Called with at most 64 KiB, for one chunk of a channel at a time (the two channels
/// may call at once); the memory is only valid during the call.</param>
/// <param name="StdoutFile">A host file that gets stdout in place of <paramref name="OnOutput"/>.</param>
/// <param name="OnTerminal">With a terminal: called once with its live end, to type and to resize; the
/// command's input stays open then.</param>
/// <param name="StdinStream">What is written as it comes, until the stream or the command ends; in place of
/// the others.</param>
/// <param name="ReadTerminal">With a terminal: reads all that it shows, in place of
/// <paramref name="OnOutput"/>; the command's input stays open then.</param>
/// <param name="OnStart">Called once with the outermost process, to look at what the command takes.</param>
/// <param name="OnEgress">Called once with what was asked of the proxy, however the command ended.</param>
public sealed record SandboxIo(
    ReadOnlyMemory<byte> Stdin = default,
    string? StdinFile = null,
    Func<OutputChannel, ReadOnlyMemory<byte>, ValueTask>? OnOutput = null,
    string? StdoutFile = null,
    Action<Pty>? OnTerminal = null,
    Action<PidRecord>? OnStart = null,
    Action<ImmutableArray<EgressFact>>? OnEgress = null,
    Func<Pty, Task>? ReadTerminal = null,
    Stream? StdinStream = null)
{
    /// <summary>Largest file that <see cref="StdoutFile"/> may become; one byte more ends the
    /// command.</summary>
    public const long StdoutFileBytesMax = 4L << 30;

    public static SandboxIo None { get; } = new();
}
