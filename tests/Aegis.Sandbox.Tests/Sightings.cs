using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

/// <summary>What the machine's process table shows, seen from the host.</summary>
internal static class Sightings
{
    /// <summary>Every process whose command line holds a marker.</summary>
    public static List<PidRecord> Records(string marker) =>
        Where(line => line.Contains(marker, StringComparison.Ordinal));

    /// <summary>Those of them that have an argument too.</summary>
    public static List<PidRecord> Records(string marker, string argument) =>
        Where(line => line.Contains(marker, StringComparison.Ordinal) && line.Split('\0').Contains(argument));

    /// <summary>Those of them in the process group of a command that runs: another assembly's tests run
    /// beside it, on the same machine.</summary>
    /// <param name="command">As <see cref="SandboxIo.OnStart"/> names it: the group's leader.</param>
    public static List<PidRecord> Records(string marker, PidRecord command) =>
        [.. Records(marker).Where(record => GroupOf(record) == command.Pid)];

    /// <summary>Waits until a process is gone, by the kernel's own signal.</summary>
    public static async Task EndOfAsync(PidRecord record) => await OrphanReaper.GoneAsync(record);

    private static int? GroupOf(PidRecord record)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{record.Pid}/stat");
            // the name in field 2 may hold blanks and brackets: count from its last bracket
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2]);
        }
        catch (IOException)
        {
            // it ended while we looked
            return null;
        }
    }

    private static List<PidRecord> Where(Func<string, bool> isIt)
    {
        var found = new List<PidRecord>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[^1])))
        {
            try
            {
                if (isIt(File.ReadAllText(folder + "/cmdline"))
                    && PidRecord.Read(int.Parse(Path.GetFileName(folder))) is { } record)
                {
                    found.Add(record);
                }
            }
            catch (IOException)
            {
                // it ended while we looked
            }
        }
        return found;
    }
}
