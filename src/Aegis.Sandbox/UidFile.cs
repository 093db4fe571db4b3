using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>One host uid as a file of the user's. Its locks say that sandboxes with the uid live: each holds
/// a shared one, as does the process that waits for it, and the kernel takes them back however those die. Its
/// lines name the runs whose files the uid owns; a line holds for as long as that run's folder says the same
/// number, so none has to be taken out by a server that may be dead.</summary>
internal sealed class UidFile : IDisposable
{
    /// <summary>In a run's folder: its number.</summary>
    private const string NumberName = "uid";

    private readonly SafeFileHandle file;

    private UidFile(string path, SafeFileHandle file, int number) =>
        (Path, this.file, Number) = (path, file, number);

    public string Path { get; }

    /// <summary>As the room calls the uid.</summary>
    public int Number { get; }

    /// <summary>The file with nobody else at it, or null: sandboxes with this uid live, or somebody looks.
    /// </summary>
    public static UidFile? TryTake(string folder, UidRange range, int number) =>
        TryLock(folder, range, number, Libc.LockExclusive);

    /// <summary>The file among those who share it, or null: somebody looks whether it is free.</summary>
    public static UidFile? TryShare(string folder, UidRange range, int number) =>
        TryLock(folder, range, number, Libc.LockShared);

    /// <summary>What a run's folder says, or null.</summary>
    public static int? NumberOf(string runFolder)
    {
        try
        {
            return int.Parse(File.ReadAllText(System.IO.Path.Combine(runFolder, NumberName)),
                CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>From alone at it to sharing it. False where another came in between (the kernel lets go
    /// first): it is not held then.</summary>
    public bool Share() => Libc.flock(file, Libc.LockShared | Libc.LockNonBlocking) == 0;

    /// <summary>The folders of runs that have this number, the first that claimed it first.</summary>
    public List<string> Runs()
    {
        var bytes = new byte[RandomAccess.GetLength(file)];
        var read = RandomAccess.Read(file, bytes, 0);
        return [.. Encoding.UTF8.GetString(bytes, 0, read).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(run => NumberOf(run) == Number)];
    }

    /// <summary>Makes the number that of one run, and of no other; the caller is alone at the file.</summary>
    public void Give(string runFolder)
    {
        RandomAccess.SetLength(file, 0);
        Add(runFolder);
    }

    /// <summary>Makes the number that of one more run. The line is there before the folder says so: a server
    /// that dies in between has claimed nothing.</summary>
    public void Add(string runFolder)
    {
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(runFolder + "\n"), RandomAccess.GetLength(file));
        var fresh = System.IO.Path.Combine(runFolder, NumberName + ".new");
        File.WriteAllText(fresh, Number.ToString(CultureInfo.InvariantCulture));
        File.Move(fresh, System.IO.Path.Combine(runFolder, NumberName), overwrite: true);
    }

    /// <summary>Deletes the file where neither a sandbox nor a run has the number, and lets go.</summary>
    public void Free()
    {
        if (Libc.flock(file, Libc.LockExclusive | Libc.LockNonBlocking) == 0 && IsThere()
            && Runs().Count == 0)
        {
            File.Delete(Path);
        }
        Dispose();
    }

    public void Dispose()
    {
        if (!file.IsClosed)
        {
            // said aloud: a process that this one has just forked has the open file too
            _ = Libc.flock(file, Libc.LockRelease);
            file.Dispose();
        }
    }

    private static UidFile? TryLock(string folder, UidRange range, int number, int how)
    {
        var path = System.IO.Path.Combine(folder, range.HostUid(number).ToString(
            CultureInfo.InvariantCulture));
        var opened = new UidFile(path, Libc.OpenLockFile(path), number);
        if (Libc.flock(opened.file, how | Libc.LockNonBlocking) == 0 && opened.IsThere())
        {
            return opened;
        }
        opened.Dispose();
        return null;
    }

    /// <summary>Whoever had it before may have deleted it after we opened it.</summary>
    private bool IsThere() =>
        new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget == Path;
}

/// <summary>A server's subuid range as its room numbers it, from 1 on.</summary>
/// <param name="First">What the host calls 1.</param>
/// <param name="Last">Root of containers while they are set up; commands have those below.</param>
internal sealed record UidRange(long First, int Last)
{
    public long HostUid(int number) => First + number - 1;
}
