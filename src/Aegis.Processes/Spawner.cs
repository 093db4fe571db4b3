using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Processes;

/// <summary>Makes the pipes or the terminal of one process, and starts it.</summary>
internal static unsafe class Spawner
{
    // child files are first copied above this number, so that placing one never overwrites the source of
    // another
    private const int SourceNumbers = 100;

    public static LaunchedProcess Start(ProcessSpec spec)
    {
        using var sources = new Sources();
        using var frame = new SpawnFrame();
        var path = Resolve(spec);
        var pty = spec.Pty is { } size ? Pty.Open(size) : null;
        Stream? stdin = null, stdout = null, stderr = null;
        try
        {
            if (pty is not null)
            {
                // the child leads a session: the terminal it opens first becomes its controlling one
                frame.Open(0, pty.SlavePath, Libc.O_RDWR);
                frame.Duplicate(0, 1);
                frame.Duplicate(0, 2);
            }
            else
            {
                stdin = Stdin(spec, frame, sources);
                stdout = Output(frame, sources, 1);
                stderr = Output(frame, sources, 2);
            }
            frame.CloseFrom(PlaceInherited(spec, frame, sources) + 1);
            frame.ChangeDirectory(spec.WorkingDirectory);
            var pid = frame.Spawn(path, [spec.File, .. spec.Arguments],
                [.. spec.Environment.Select(e => $"{EnvironmentName(e.Key)}={e.Value}")]);
            return new LaunchedProcess(PidRecord.Read(pid)!.Value, PidFd.TryOpen(pid)!, stdin, stdout,
                stderr, pty);
        }
        catch
        {
            pty?.Dispose();
            stdin?.Dispose();
            stdout?.Dispose();
            stderr?.Dispose();
            throw;
        }
    }

    private static AnonymousPipeClientStream? Stdin(ProcessSpec spec, SpawnFrame frame, Sources sources)
    {
        if (spec.Stdin == StdinMode.Null)
        {
            frame.Open(0, "/dev/null", 0);
            return null;
        }
        var (read, write) = Pipe();
        frame.Duplicate(sources.Take(read), 0);
        return new AnonymousPipeClientStream(PipeDirection.Out, new SafePipeHandle(write, ownsHandle: true));
    }

    private static AnonymousPipeClientStream Output(SpawnFrame frame, Sources sources, int number)
    {
        var (read, write) = Pipe();
        frame.Duplicate(sources.Take(write), number);
        return new AnonymousPipeClientStream(PipeDirection.In, new SafePipeHandle(read, ownsHandle: true));
    }

    private static int PlaceInherited(ProcessSpec spec, SpawnFrame frame, Sources sources)
    {
        var highest = 2;
        foreach (var file in spec.Inherited.IsDefault ? [] : spec.Inherited)
        {
            if (file.Number is < 3 or > InheritedFile.NumberMax)
            {
                throw new ArgumentOutOfRangeException(nameof(spec), file.Number,
                    "an inherited file is 3 to 63");
            }
            frame.Duplicate(sources.Copy(file.Handle), file.Number);
            highest = Math.Max(highest, file.Number);
        }
        return highest;
    }

    private static (int Read, int Write) Pipe()
    {
        var fds = stackalloc int[2];
        Libc.Checked(Libc.pipe2(fds, Libc.O_CLOEXEC), "pipe2");
        return (fds[0], fds[1]);
    }

    private static string EnvironmentName(string name) =>
        name.Length > 0 && !name.Contains('=', StringComparison.Ordinal)
            ? name
            : throw new ArgumentException($"'{name}' is no name of an environment variable");

    private static string Resolve(ProcessSpec spec)
    {
        if (spec.File.Contains('/', StringComparison.Ordinal))
        {
            return spec.File;
        }
        var path = spec.Environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        return path.Split(':').Where(d => d.StartsWith('/')).Select(d => Path.Combine(d, spec.File))
            .FirstOrDefault(File.Exists) ?? throw new ProcessStartException(spec.File, errno: 2);
    }

    /// <summary>Our copies of the child's files; closed once the child has its own.</summary>
    private sealed class Sources : IDisposable
    {
        private readonly List<int> fds = [];

        public int Take(int fd)
        {
            fds.Add(fd);
            return Copy(fd);
        }

        public int Copy(System.Runtime.InteropServices.SafeHandle handle)
        {
            var added = false;
            handle.DangerousAddRef(ref added);
            try
            {
                return Copy((int)handle.DangerousGetHandle());
            }
            finally
            {
                handle.DangerousRelease();
            }
        }

        public void Dispose() => fds.ForEach(fd => Libc.close(fd));

        private int Copy(int fd)
        {
            var copy = Libc.Checked(Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, SourceNumbers), "dup");
            fds.Add(copy);
            return copy;
        }
    }
}
