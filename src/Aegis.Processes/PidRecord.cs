using System.Globalization;

namespace Aegis.Processes;

/// <summary>A process as no other one ever was in this boot: its pid and its start time in clock ticks since
/// boot (field 22 of <c>/proc/PID/stat</c>). A pid alone is reused.</summary>
public readonly record struct PidRecord(int Pid, long StartTicks)
{
    /// <summary>The record of a running (or not yet reaped) process; null where there is none.</summary>
    public static PidRecord? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // the name in field 2 may hold blanks and brackets: count from its last bracket
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new PidRecord(pid, long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

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
