using System.Collections.Concurrent;

namespace Aegis.Sandbox;

// Each sandbox has a host uid of its own, so that a hole in a namespace shows a command no other's processes,
// keys or queues. Files have one owner, though, and the steps of a run work on the same files: a number is
// given to a run for as long as its files exist, to a command without a workspace for as long as it lives.
// Rejected: another owner for each step's view of the files (only the machine's root can mount that), and one
// uid for all.
//
// All servers of a user on a machine share the pool, a folder of that user with a file for each number in
// use (UidFile). Rejected: names of abstract sockets, which only say who lives now, so that two servers gave
// two sleeping runs the same number.

/// <summary>Numbers of the server's subuid range: no two runs that have files, and no two live sandboxes of
/// different runs or of none, have the same.</summary>
/// <param name="folder">The user's; see <see cref="UidFolder"/>.</param>
/// <param name="triesMax">How many numbers are tried before there is said to be none.</param>
/// <param name="first">Where the search begins; anywhere by default.</param>
internal sealed class UidPool(Func<string> folder, int triesMax = UidPool.TriesMax, int? first = null)
{
    public const int TriesMax = 4_096;

    /// <summary>How long a run's number is waited for: another server may just look whether it is free.
    /// </summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs from before there was a pool; nobody else gets it.</summary>
    private const int Legacy = 1;

    private string? made;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, int> ofRuns = new(StringComparer.Ordinal);
    private readonly HashSet<string> looked = new(StringComparer.Ordinal);
    private int next = first ?? Random.Shared.Next();

    /// <summary>A number for one command; a run's own where it works on a run's files.</summary>
    /// <param name="range">Null where the server has no subuids: then all have the server's own.</param>
    public async ValueTask<UidLease> LeaseAsync(
        UidRange? range, AttemptWorkspace? workspace, TimeProvider time, CancellationToken cancel)
    {
        if (range is null)
        {
            return new UidLease(0, null, null);
        }
        if (workspace is null)
        {
            return LeaseAny(range);
        }
        var run = RunOf(workspace);
        return await WaitAsync(() => TryLease(range, run), run, time, cancel);
    }

    /// <summary>Gives a run its number, before its first command.</summary>
    public void Give(UidRange? range, string runFolder)
    {
        if (range is null || UidFile.NumberOf(runFolder) is not null)
        {
            return;
        }
        lock (gate)
        {
            ClaimBelow(range, Path.GetDirectoryName(runFolder)!);
            using var free = TakeFree(range, 2, Half(range));
            free.Give(runFolder);
        }
    }

    /// <summary>A run that goes on with another one's files has its number too.</summary>
    public async ValueTask ShareAsync(UidRange? range, string fromRunFolder, string toRunFolder,
        TimeProvider time, CancellationToken cancel)
    {
        if (range is null)
        {
            return;
        }
        var number = UidFile.NumberOf(fromRunFolder) ?? Legacy;
        using var file = await WaitAsync(() => UidFile.TryShare(Folder, range, number), fromRunFolder,
            time, cancel);
        lock (gate)
        {
            file.Add(toRunFolder);
        }
    }

    /// <summary>The run's files are gone: its number is free, unless a retry has it too.</summary>
    /// <param name="number">What <see cref="UidFile.NumberOf"/> said before.</param>
    public void Forget(UidRange? range, string runFolder, int? number)
    {
        ofRuns.TryRemove(runFolder, out _);
        if (range is not null && number is { } freed)
        {
            UidFile.TryShare(Folder, range, freed)?.Free();
        }
    }

    private static async ValueTask<T> WaitAsync<T>(Func<T?> trying, string run, TimeProvider time,
        CancellationToken cancel)
        where T : class
    {
        for (var began = time.GetTimestamp(); ; await Task.Delay(LookAgain, time, cancel))
        {
            if (trying() is { } got)
            {
                return got;
            }
            if (time.GetElapsedTime(began) > WaitMax)
            {
                throw Kinds.KindErrors.UidHeld(Path.GetFileName(run), UidFile.NumberOf(run) ?? Legacy);
            }
        }
    }

    /// <summary>Made anew where somebody deleted it: what runs have, their own folders still say.</summary>
    private string Folder
    {
        get
        {
            lock (gate)
            {
                if (!Directory.Exists(made))
                {
                    made = folder();
                    looked.Clear();
                }
                return made;
            }
        }
    }

    private static int Half(UidRange range) => (range.Last - 2) / 2;

    private static string RunOf(AttemptWorkspace workspace) =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(workspace.UpperDirectory)))!;

    private UidLease? TryLease(UidRange range, string run)
    {
        var known = ofRuns.TryGetValue(run, out var number);
        if (!known)
        {
            number = UidFile.NumberOf(run) ?? Legacy;
        }
        var file = UidFile.TryShare(Folder, range, number);
        if (file is not null && (known || number == Legacy || Claim(file, run)))
        {
            ofRuns[run] = number;
            return new UidLease(number, file, file.Dispose);
        }
        file?.Dispose();
        return null;
    }

    private UidLease LeaseAny(UidRange range)
    {
        // the upper half: a run's number is never lent to a command of no run
        var from = 2 + Half(range);
        lock (gate)
        {
            var file = TakeFree(range, from, range.Last - from, shared: true);
            return new UidLease(file.Number, file, file.Free);
        }
    }

    /// <summary>A file that no live sandbox and no run has.</summary>
    private UidFile TakeFree(UidRange range, int from, int count, bool shared = false)
    {
        for (var i = 0; i < Math.Min(count, triesMax); i++)
        {
            var number = from + (int)((uint)next++ % (uint)count);
            if (UidFile.TryTake(Folder, range, number) is { } file)
            {
                if (file.Runs().Count == 0 && (!shared || file.Share()))
                {
                    return file;
                }
                file.Dispose();
            }
        }
        throw Kinds.KindErrors.NoUidLeft(Math.Min(count, triesMax));
    }

    /// <summary>Says in the user's folder what runs of a root have, where it does not stand there: runs of
    /// before there was such a folder, or after a power cut.</summary>
    private void ClaimBelow(UidRange range, string root)
    {
        var uids = Folder;
        if (!looked.Add(root))
        {
            return;
        }
        foreach (var run in Directory.EnumerateDirectories(root))
        {
            if (UidFile.NumberOf(run) is { } number && number != Legacy
                && UidFile.TryShare(uids, range, number) is { } file)
            {
                Claim(file, run);
                file.Dispose();
            }
        }
    }

    /// <summary>A number is of the runs below one folder, the one whose run claimed it first.</summary>
    private bool Claim(UidFile file, string run)
    {
        lock (gate)
        {
            var runs = file.Runs();
            if (runs.Count > 0 && Path.GetDirectoryName(runs[0]) != Path.GetDirectoryName(run))
            {
                return false;
            }
            if (!runs.Contains(run))
            {
                file.Add(run);
            }
            return true;
        }
    }
}

/// <summary>A sandbox's uid, as the server's room numbers it, until it is given back.</summary>
internal sealed class UidLease(int uid, UidFile? file, Action? giveBack) : IDisposable
{
    public int Uid { get; } = uid;

    /// <summary>What the process that waits for the sandbox locks as well; empty where nothing is.</summary>
    public string LockPath => file?.Path ?? "";

    public void Dispose() => giveBack?.Invoke();
}
