using System.Globalization;

namespace Aegis.Processes;

/// <summary>What we use of <c>/proc/PID/stat</c>.</summary>
internal readonly record struct ProcStat(char State, int Group, long Flags, long StartTicks)
{
    /// <summary>PF_EXITING.</summary>
    private const long Exiting = 0x4;

    /// <summary>Whether nothing of it is left but its entry. So it is with a zombie, which waits for its
    /// parent (a container without a reaping init keeps those), and with the killed first process of a pid
    /// namespace: it has let go of its memory and files, and sleeps until somebody has reaped every zombie
    /// in there. Any other process that is exiting does not sleep.</summary>
    public bool IsOver => State is 'Z' or 'X' || (State == 'S' && (Flags & Exiting) != 0);

    /// <summary>Null where there is no such process.</summary>
    public static ProcStat? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // the name in field 2 may hold blanks and brackets: count from its last bracket
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcStat(fields[0][0], int.Parse(fields[2], CultureInfo.InvariantCulture),
                long.Parse(fields[6], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
