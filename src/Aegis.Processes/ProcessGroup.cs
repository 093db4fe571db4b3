using System.Globalization;

namespace Aegis.Processes;

/// <summary>The end of a process group whose leader has ended. The kernel offers no event for it, so this
/// looks again, at most every 20 ms; after a kill it takes about a millisecond.</summary>
internal static class ProcessGroup
{
    private const int LookAgainMaxMs = 20;

    public static async Task GoneAsync(int group, CancellationToken cancel)
    {
        for (var wait = 1; Libc.kill(-group, 0) == 0 && HasLivingMember(group); wait = Math.Min(wait * 2,
            LookAgainMaxMs))
        {
            await Task.Delay(wait, cancel);
        }
    }

    /// <summary>False also where the number leads another group by now.</summary>
    private static bool HasLivingMember(int group)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(directory.AsSpan(6), CultureInfo.InvariantCulture, out var pid)
                && ProcStat.Read(pid) is { IsOver: false } stat && stat.Group == group)
            {
                return pid != group;
            }
        }
        return false;
    }
}
