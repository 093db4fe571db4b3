using Aegis.Core.Errors;

namespace Aegis.Gate.Terminals;

/// <summary>What goes wrong with a live terminal; contracts/errors/terminals.yaml explains each.</summary>
public static class TerminalErrors
{
    public static AegisError TooMany(int max) => new("AEGIS6310", "too many terminals are open",
        $"at most {max}", null, "close one: aegis attach --list, aegis attach --close TERMINAL");

    public static AegisError Gone(long asked, long oldest, long end) => new("AEGIS6311",
        "the terminal no longer has these bytes, or never showed them", $"an offset from {oldest} to {end}",
        $"{asked}", $"attach from {oldest}; acknowledge what you have, and nothing is lost");

    public static AegisError InputGap(long expected, long got) => new("AEGIS6312",
        "bytes of the input are missing", $"input from offset {expected}", $"{got}",
        $"send again from offset {expected}");

    public static AegisError Ended(string terminal) => new("AEGIS6313", $"the terminal {terminal} has ended",
        "a live terminal", null, "open another one");

    public static AegisError EndedWithServer { get; } = new("AEGIS6314",
        "the terminal ended with the server that ran it", Mend: "open another one");

    public static AegisError Size(int columns, int rows) => new("AEGIS6315", "no terminal has this size",
        $"1 to {Processes.PtySize.Max} columns and rows", $"{columns} x {rows}");
}
