using System.Globalization;
using System.Runtime.InteropServices;

namespace Aegis.Ledger.Embedded;

/// <summary>
/// The living processes of a cluster. A pid in postmaster.pid proves nothing: after a kill the number may
/// belong to a stranger. But every PostgreSQL process has the data directory as its working directory, and
/// the kernel tells that truthfully.
/// </summary>
internal static class ClusterProcesses
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    public static List<int> Find(string dataDirectory)
    {
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture,
                out var pid)
                && WorkingDirectory(directory) == dataDirectory)
            {
                found.Add(pid);
            }
        }
        return found;
    }

    /// <summary>Ends every process of the cluster: first a fast shutdown, then at once. Returns when none is
    /// left. After a kill of the owner the holding shell does the same; both may.</summary>
    public static async Task EndAsync(string dataDirectory, TimeSpan patience, TimeProvider time,
        CancellationToken cancel)
    {
        foreach (var signal in (int[])[Interrupt, Quit, Kill])
        {
            var left = Find(dataDirectory);
            left.ForEach(pid => _ = SendSignal(pid, signal));
            var began = time.GetTimestamp();
            while (left.Count > 0 && time.GetElapsedTime(began) < patience)
            {
                await Task.Delay(Step, time, cancel);
                left = Find(dataDirectory);
            }
            if (left.Count == 0)
            {
                return;
            }
        }
        throw LedgerErrors.StartFailed("end an older postmaster", string.Join(" ", Find(dataDirectory)));
    }

    private static string? WorkingDirectory(string proc)
    {
        try
        {
            return new FileInfo(Path.Combine(proc, "cwd")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
