using System.Runtime.InteropServices;
using System.Text;

namespace Aegis.Processes;

/// <summary>The unmanaged arguments of one <c>posix_spawn</c>. posix_spawn and not <c>Process.Start</c>,
/// because it makes the session, the controlling terminal (the first terminal a session leader opens), fixed
/// file numbers and a clean signal state in one step, without a shell in between.</summary>
internal sealed unsafe class SpawnFrame : IDisposable
{
    private const short SetSigDefault = 0x04;
    private const short SetSigMask = 0x08;
    private const short SetSession = 0x80;
    private const int ActionsBytes = 256;
    private const int AttributesBytes = 1024;
    private const int SignalSetBytes = 128;

    private readonly List<nint> allocated = [];
    private readonly void* actions;
    private readonly void* attributes;

    public SpawnFrame()
    {
        actions = Allocate(ActionsBytes);
        attributes = Allocate(AttributesBytes);
        Must(Libc.posix_spawn_file_actions_init(actions));
        Must(Libc.posix_spawnattr_init(attributes));
        var all = Allocate(SignalSetBytes);
        new Span<byte>(all, SignalSetBytes).Fill(0xff);
        var none = Allocate(SignalSetBytes);
        new Span<byte>(none, SignalSetBytes).Clear();
        Must(Libc.posix_spawnattr_setsigdefault(attributes, all));
        Must(Libc.posix_spawnattr_setsigmask(attributes, none));
        Must(Libc.posix_spawnattr_setflags(attributes, SetSigDefault | SetSigMask | SetSession));
    }

    public void Duplicate(int fd, int childFd) =>
        Must(Libc.posix_spawn_file_actions_adddup2(actions, fd, childFd));

    public void Open(int childFd, string path, int flags) =>
        Must(Libc.posix_spawn_file_actions_addopen(actions, childFd, Text(path), flags, 0));

    public void ChangeDirectory(string path) =>
        Must(Libc.posix_spawn_file_actions_addchdir_np(actions, Text(path)));

    public void CloseFrom(int fd) => Must(Libc.posix_spawn_file_actions_addclosefrom_np(actions, fd));

    /// <summary>Starts the program; the answer is its pid.</summary>
    public int Spawn(string path, IReadOnlyList<string> argv, IReadOnlyList<string> environment)
    {
        int pid;
        var errno = Libc.posix_spawn(&pid, Text(path), actions, attributes, Vector(argv),
            Vector(environment));
        return errno == 0 ? pid : throw new ProcessStartException(path, errno);
    }

    public void Dispose()
    {
        _ = Libc.posix_spawn_file_actions_destroy(actions);
        _ = Libc.posix_spawnattr_destroy(attributes);
        allocated.ForEach(a => NativeMemory.Free((void*)a));
    }

    private byte** Vector(IReadOnlyList<string> items)
    {
        var vector = (byte**)Allocate((items.Count + 1) * sizeof(nint));
        for (var i = 0; i < items.Count; i++)
        {
            vector[i] = Text(items[i]);
        }
        vector[items.Count] = null;
        return vector;
    }

    private byte* Text(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("a process argument or environment entry holds a NUL character");
        }
        var bytes = (byte*)Allocate(Encoding.UTF8.GetByteCount(text) + 1);
        var length = Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, Encoding.UTF8.GetByteCount(text)));
        bytes[length] = 0;
        return bytes;
    }

    private void* Allocate(int bytes)
    {
        var memory = NativeMemory.AllocZeroed((nuint)bytes);
        allocated.Add((nint)memory);
        return memory;
    }

    private static void Must(int errno)
    {
        if (errno != 0)
        {
            throw new IOException($"posix_spawn set-up: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }
}
