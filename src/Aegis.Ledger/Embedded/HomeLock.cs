using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Ledger.Embedded;

/// <summary>One server per home: an flock held for life. The kernel drops it with the process, so a kill leaves
/// nothing behind; the pid inside only serves the message.</summary>
internal sealed class HomeLock : IDisposable
{
    private const int ExclusiveNonBlocking = 2 | 4;
    private readonly SafeFileHandle _file;

    private HomeLock(SafeFileHandle file) => _file = file;

    public static HomeLock Take(string home)
    {
        var path = Path.Combine(home, "server.lock");
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (Lock(file, ExclusiveNonBlocking) != 0)
        {
            var content = new byte[64];
            var length = RandomAccess.Read(file, content, 0);
            file.Dispose();
            throw LedgerErrors.HomeInUse(Encoding.ASCII.GetString(content, 0, length).Trim());
        }
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes($"pid {Environment.ProcessId}\n"), 0);
        return new HomeLock(file);
    }

    public void Dispose() => _file.Dispose();

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Lock(SafeFileHandle file, int operation);
}
