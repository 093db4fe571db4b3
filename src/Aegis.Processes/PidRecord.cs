using System.Globalization;

namespace Aegis.Processes;

/// <summary>A process as no other one ever was in this boot: its pid and its start time in clock ticks since
/// boot (field 22 of <c>/proc/PID/stat</c>). A pid alone is reused.</summary>
public readonly record struct PidRecord(int Pid, long StartTicks)
{
    /// <summary>The record of a running (or not yet reaped) process; null where there is none.</summary>
    public static PidRecord? Read(int pid) =>
        ProcStat.Read(pid) is { } stat ? new PidRecord(pid, stat.StartTicks) : null;

    public bool IsAlive => Read(Pid) == this;

    public override string ToString() => $"{Pid} {StartTicks}";

    public static PidRecord? Parse(string text)
    {
        var at = text.IndexOf(' ', StringComparison.Ordinal);
        return at > 0
            && int.TryParse(text.AsSpan(0, at), CultureInfo.InvariantCulture, out var pid) && pid > 1
            && long.TryParse(text.AsSpan(at + 1), CultureInfo.InvariantCulture, out var ticks)
            ? new PidRecord(pid, ticks)
            : null;
    }
}
