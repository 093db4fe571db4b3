using System.Globalization;

namespace Aegis.Processes;

/// <summary>What a process and everything below it takes now.</summary>
/// <param name="Cpu">Used so far, by what has ended and was waited for too.</param>
/// <param name="MemoryBytes">Resident; pages that several share count for each.</param>
public readonly record struct TreeUsage(TimeSpan Cpu, long MemoryBytes, int Processes)
{
    /// <summary>Processes that one look counts; a tree that is larger shows these.</summary>
    public const int ProcessesMax = 8_192;

    private const int Cpu14 = 11;
    private const int Rss24 = 21;

    // USER_HZ, which every Linux of today shows in /proc
    private const long TicksPerSecond = 100;

    /// <summary>Null where that process has ended.</summary>
    public static TreeUsage? Of(PidRecord root)
    {
        if (!root.IsAlive)
        {
            return null;
        }
        var (ticks, pages, count) = (0L, 0L, 0);
        var waiting = new Queue<int>([root.Pid]);
        while (count < ProcessesMax && waiting.TryDequeue(out var pid))
        {
            if (Read(pid, waiting) is var (cpu, rss))
            {
                (ticks, pages, count) = (ticks + cpu, pages + rss, count + 1);
            }
        }
        return new TreeUsage(TimeSpan.FromMilliseconds(ticks * 1_000 / TicksPerSecond),
            pages * Environment.SystemPageSize, count);
    }

    private static (long Ticks, long Pages)? Read(int pid, Queue<int> children)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                foreach (var child in File.ReadAllText(Path.Combine(task, "children"))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    children.Enqueue(int.Parse(child, CultureInfo.InvariantCulture));
                }
            }
            var ticks = fields[Cpu14..(Cpu14 + 4)].Sum(t => long.Parse(t, CultureInfo.InvariantCulture));
            return (ticks, long.Parse(fields[Rss24], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it has ended since
            return null;
        }
    }
}
