using Aegis.Processes;

namespace Aegis.Gate.Terminals;

/// <summary>A command that somebody is to sit in front of.</summary>
/// <param name="Line">As the gate judged it, for lists.</param>
/// <param name="Record">Keeps what it shows as an asciicast.</param>
public sealed record TerminalOrder(SandboxCommand Command, string Line, int Columns, int Rows, bool Record)
{
    /// <summary>Columns, and rows.</summary>
    public const int SideMax = PtySize.Max;

    internal PtySize Size => new(Columns, Rows);
}

/// <summary>How a terminal ended.</summary>
/// <param name="ExitCode">128 + signal where a signal ended it; null where it was closed.</param>
/// <param name="Bytes">That it showed.</param>
/// <param name="Recording">The artifact's id.</param>
public sealed record TerminalOutcome(int? ExitCode, bool TimedOut, bool Closed, long Bytes,
    string? Recording = null);
