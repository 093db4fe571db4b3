using Aegis.Gate.Terminals;

namespace Aegis.Server.Terminals;

/// <summary>A live terminal.</summary>
/// <param name="TerminalId">Its run's id, and its session's on <c>/v1/rpc</c>.</param>
/// <param name="Attached">Somebody owns it now.</param>
/// <param name="OldestOffset">The first byte of what it showed that is still there.</param>
public sealed record TerminalAnswer(string TerminalId, string Command, string Actor, DateTimeOffset OpenedAt,
    int Columns, int Rows, bool Attached, long OldestOffset, long EndOffset, bool Ended, int? ExitCode)
{
    public static TerminalAnswer Of(LiveTerminal t) => new(t.Run.Value, t.Line, t.Actor, t.OpenedAt,
        t.Size.Columns, t.Size.Rows, t.IsOwned, t.Tape.Oldest, t.Tape.End, t.Ended.IsCompleted,
        t.Ended.IsCompletedSuccessfully ? t.Ended.Result.ExitCode : null);
}
