using System.Globalization;

namespace Aegis.Processes;

/// <summary>A server started with SIGCHLD ignored (some init scripts and <c>nohup</c>-like starters do) would
/// have its children reaped by the kernel, and their exit codes lost.</summary>
internal static class SignalState
{
    public static void KeepChildren()
    {
        var line = File.ReadLines("/proc/self/status").First(l =>
            l.StartsWith("SigIgn:", StringComparison.Ordinal));
        var ignored = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber,
            CultureInfo.InvariantCulture);
        if ((ignored & (1UL << (Libc.SIGCHLD - 1))) != 0)
        {
            _ = Libc.signal(Libc.SIGCHLD, 0);
        }
    }
}
