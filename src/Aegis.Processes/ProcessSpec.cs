using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Aegis.Processes;

/// <summary>One host process to start. Nothing is inherited from the server but what stands here.</summary>
/// <param name="File">A path, or a name looked up on the PATH of <paramref name="Environment"/>.</param>
/// <param name="Environment">The whole environment.</param>
/// <param name="Pty">A terminal of that size instead of pipes; stdin, stdout and stderr are then one.</param>
/// <param name="Inherited">Further open files, at fixed numbers from 3 on.</param>
public sealed record ProcessSpec(
    string File,
    ImmutableArray<string> Arguments,
    ImmutableSortedDictionary<string, string> Environment,
    string WorkingDirectory = "/",
    StdinMode Stdin = StdinMode.Null,
    PtySize? Pty = null,
    ImmutableArray<InheritedFile> Inherited = default);

public enum StdinMode
{
    Null,
    Pipe,
}

/// <summary>Columns and rows of a terminal, 1 to 10,000 each.</summary>
public readonly record struct PtySize(int Columns, int Rows)
{
    public const int Max = 10_000;

    public static PtySize Default { get; } = new(80, 24);
}

/// <summary>An open file that the child gets at number <paramref name="Number"/> (3 to 63).</summary>
public sealed record InheritedFile(int Number, SafeHandle Handle)
{
    public const int NumberMax = 63;
}

/// <summary>How a process ended. Exactly one is set.</summary>
public readonly record struct ProcessExit(int? ExitCode, int? Signal)
{
    /// <summary>As shells say it: 128 + signal where a signal ended it.</summary>
    public int ShellCode => ExitCode ?? 128 + Signal!.Value;
}

/// <summary>The kernel refused to start a program.</summary>
public sealed class ProcessStartException(string file, int errno)
    : IOException($"cannot start {file}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public int Errno { get; } = errno;
}
