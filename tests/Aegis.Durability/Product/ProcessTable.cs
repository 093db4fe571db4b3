using System.Globalization;

namespace Aegis.Durability.Product;

/// <summary>A process, named once and for all: ids are used again, together with the start time they are
/// not.</summary>
internal readonly record struct ProcessName(int Pid, long StartTicks, string Command);

/// <summary>What /proc says.</summary>
internal static class ProcessTable
{
    /// <summary>PF_EXITING of the kernel's flags: it runs no program any more. The first process of a pid
    /// namespace is in this state, and shown as sleeping, until every zombie in there was reaped, which may
    /// be another process's business.</summary>
    private const long Exiting = 0x4;

    /// <summary>Everything that descends from a process, itself not included.</summary>
    public static IReadOnlyList<ProcessName> DescendantsOf(int pid)
    {
        var all = All();
        var children = all.ToLookup(p => p.Parent, p => p.Name);
        var found = new List<ProcessName>();
        var open = new Queue<int>([pid]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child);
                open.Enqueue(child.Pid);
            }
        }
        return found;
    }

    public static IReadOnlyList<ProcessName> ChildrenOf(int pid) =>
        [.. All().Where(p => p.Parent == pid).Select(p => p.Name)];

    public static bool IsAlive(ProcessName process) =>
        Read(process.Pid) is { Lives: true } now && now.Name.StartTicks == process.StartTicks;

    /// <summary>Processes that name a folder in their arguments, working folder, root or (where it may be
    /// read) environment.</summary>
    public static IReadOnlyList<ProcessName> Naming(string folder) =>
        [.. All().Where(p => p.Lives && p.Name.Pid != Environment.ProcessId
            && Names(p.Name.Pid, folder)).Select(p => p.Name)];

    private static bool Names(int pid, string folder) =>
        Text(pid, "cmdline").Contains(folder, StringComparison.Ordinal)
        || Text(pid, "environ").Contains(folder, StringComparison.Ordinal)
        || Link(pid, "cwd").StartsWith(folder, StringComparison.Ordinal)
        || Link(pid, "root").StartsWith(folder, StringComparison.Ordinal);

    private static List<Row> All() =>
        [.. Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d))
            .Where(n => char.IsAsciiDigit(n[0])).Select(n => Read(int.Parse(n, CultureInfo.InvariantCulture)))
            .OfType<Row>()];

    private static Row? Read(int pid)
    {
        var stat = Text(pid, "stat");
        var end = stat.LastIndexOf(')');
        if (end < 0)
        {
            return null;
        }
        var fields = stat[(end + 2)..].Split(' ');
        return new Row(new ProcessName(pid, long.Parse(fields[19], CultureInfo.InvariantCulture),
            stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end]),
            int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0][0],
            long.Parse(fields[6], CultureInfo.InvariantCulture));
    }

    private static string Text(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Link(int pid, string file)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/{file}", false)?.FullName ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private sealed record Row(ProcessName Name, int Parent, char State, long Flags)
    {
        /// <summary>Zombies count as ended: only their parent's bookkeeping is left.</summary>
        public bool Lives => State is not ('Z' or 'X') && (Flags & Exiting) == 0;
    }
}
