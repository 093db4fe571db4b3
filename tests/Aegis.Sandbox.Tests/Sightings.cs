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

    /// <summary>Waits until a process is gone, by the kernel's own signal.</summary>
    public static async Task EndOfAsync(PidRecord record) => await OrphanReaper.GoneAsync(record);

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
