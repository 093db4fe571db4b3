using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Ledger.Embedded;

/// <summary>One server per home: an flock held for life. The kernel drops it with the process, so a kill
/// leaves nothing behind; the pid inside only serves the message.</summary>
internal sealed class HomeLock : IDisposable
{
    private const int ExclusiveNonBlocking = 2 | 4;

    // O_RDWR | O_CREAT | O_CLOEXEC: .NET's own way to open takes a lock of its kind first
    private const int OpenFlags = 0x2 | 0x40 | 0x80000;
    private const int OwnerOnly = 0x180;
    private readonly SafeFileHandle _file;

    private HomeLock(SafeFileHandle file) => _file = file;

    public static HomeLock Take(string home)
    {
        var path = Path.Combine(home, "server.lock");
        var file = new SafeFileHandle(Open(path, OpenFlags, OwnerOnly), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw new IOException($"cannot open {path}", new Win32Exception());
        }
        if (Lock(file, ExclusiveNonBlocking) != 0)
        {
            var content = new byte[64];
            var length = RandomAccess.Read(file, content, 0);
            file.Dispose();
            throw LedgerErrors.HomeInUse(Encoding.ASCII.GetString(content, 0, length).Trim());
        }
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes($"pid {Environment.ProcessId}\n"), 0);
        }
        catch (IOException)
        {
            // a full disk takes the name from the message, not the lock
        }
        return new HomeLock(file);
    }

    public void Dispose() => _file.Dispose();

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Lock(SafeFileHandle file, int operation);
}
