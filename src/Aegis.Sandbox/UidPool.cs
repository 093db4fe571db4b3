using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;

namespace Aegis.Sandbox;

// Each sandbox has a host uid of its own, so that a hole in a namespace shows a command no other's processes,
// keys or queues. Files have one owner, though, and the steps of a run work on the same files: a number is
// given to a run for as long as its files exist, to a command without a workspace for as long as it lives.
// Rejected: another owner for each step's view of the files (only the machine's root can mount that), and one
// uid for all.
//
// A lease is an abstract Unix socket named by the host uid: the kernel lets one process of the machine hold a
// name, and takes it back when that dies, in whatever way. So servers that share a user share the pool, and
// no file is left over that would have to be believed.

/// <summary>Numbers of the server's subuid range, no two live sandboxes of different runs with the same.
/// </summary>
internal sealed class UidPool
{
    /// <summary>How many numbers are tried before there is said to be none.</summary>
    public const int TriesMax = 4_096;

    /// <summary>How long a run's number is waited for. A process that this one has just forked holds every
    /// name that was held then, until it has become its program; another server of the same user may run a
    /// short command.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private const string FileName = "uid";
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs from before there was a pool; nobody else gets it.</summary>
    private const int Legacy = 1;

    private readonly Lock gate = new();
    private readonly Dictionary<int, Held> held = [];
    private readonly ConcurrentDictionary<string, int> ofRuns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> givenBelow = new(StringComparer.Ordinal);
    private int next = Random.Shared.Next();

    private sealed record Held(Socket Name)
    {
        public int Count { get; set; } = 1;
    }

    /// <summary>A number for one command; a run's own where it works on a run's files.</summary>
    public async ValueTask<UidLease> LeaseAsync(
        UserNamespace room, AttemptWorkspace? workspace, TimeProvider time, CancellationToken cancel)
    {
        if (!room.HasSubuids)
        {
            return new UidLease(0, () => { });
        }
        if (workspace is null)
        {
            return LeaseAny(room);
        }
        var index = IndexOf(RunOf(workspace));
        for (var began = time.GetTimestamp(); ; await Task.Delay(LookAgain, time, cancel))
        {
            if (TryLease(room, index) is { } lease)
            {
                return lease;
            }
            if (time.GetElapsedTime(began) > WaitMax)
            {
                throw Kinds.KindErrors.UidHeld(workspace.RunId, index);
            }
        }
    }

    /// <summary>Gives a run its number, before its first command.</summary>
    public void Give(UserNamespace room, string runFolder)
    {
        if (!room.HasSubuids || File.Exists(Path.Combine(runFolder, FileName)))
        {
            return;
        }
        lock (gate)
        {
            var given = GivenBelow(Path.GetDirectoryName(runFolder)!);
            var half = (room.LastUid - 2) / 2;
            for (var i = 0; i < Math.Min(half, TriesMax); i++)
            {
                var index = 2 + (int)((uint)next++ % (uint)half);
                if (!given.Contains(index) && TryHold(room, index) is { } free)
                {
                    free.Dispose();
                    given.Add(index);
                    Write(runFolder, index);
                    return;
                }
            }
        }
        throw Kinds.KindErrors.NoUidLeft(TriesMax);
    }

    /// <summary>A run that goes on with another one's files has its number too.</summary>
    public void Share(string fromRunFolder, string toRunFolder) =>
        Write(toRunFolder, IndexOf(fromRunFolder));

    /// <summary>The run's files are gone: its number is free.</summary>
    public void Forget(string runFolder)
    {
        ofRuns.TryRemove(runFolder, out _);
        lock (gate)
        {
            // another run may have it too: what the folders say is read again
            givenBelow.Remove(Path.GetDirectoryName(runFolder)!);
        }
    }

    private static string RunOf(AttemptWorkspace workspace) =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(workspace.UpperDirectory)))!;

    private UidLease? TryLease(UserNamespace room, int index)
    {
        lock (gate)
        {
            if (held.TryGetValue(index, out var shared))
            {
                shared.Count++;
            }
            else if (TryHold(room, index) is { } name)
            {
                held[index] = new Held(name);
            }
            else
            {
                return null;
            }
        }
        return new UidLease(index, () => Release(index));
    }

    private void Release(int index)
    {
        lock (gate)
        {
            if (--held[index].Count == 0)
            {
                held.Remove(index, out var last);
                last!.Name.Dispose();
            }
        }
    }

    private UidLease LeaseAny(UserNamespace room)
    {
        // the upper half: a run's number is never lent to a command of no run
        var from = 2 + ((room.LastUid - 2) / 2);
        for (var i = 0; i < Math.Min(room.LastUid - from, TriesMax); i++)
        {
            var index = from + (int)((uint)Interlocked.Increment(ref next) % (uint)(room.LastUid - from));
            if (TryHold(room, index) is { } name)
            {
                return new UidLease(index, name.Dispose);
            }
        }
        throw Kinds.KindErrors.NoUidLeft(TriesMax);
    }

    private static Socket? TryHold(UserNamespace room, int index)
    {
        var name = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            name.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture,
                $"\0aegis-sandbox-uid-{room.HostUid(index)}")));
            return name;
        }
        catch (SocketException)
        {
            name.Dispose();
            return null;
        }
    }

    private int IndexOf(string runFolder) => ofRuns.GetOrAdd(runFolder, folder =>
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : Legacy;
    });

    private HashSet<int> GivenBelow(string root)
    {
        if (!givenBelow.TryGetValue(root, out var given))
        {
            givenBelow[root] = given = [.. Directory.EnumerateDirectories(root)
                .Select(run => Path.Combine(run, FileName)).Where(File.Exists)
                .Select(file => int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture))];
        }
        return given;
    }

    private static void Write(string runFolder, int index)
    {
        var fresh = Path.Combine(runFolder, FileName + ".new");
        File.WriteAllText(fresh, index.ToString(CultureInfo.InvariantCulture));
        File.Move(fresh, Path.Combine(runFolder, FileName), overwrite: true);
    }
}

/// <summary>A sandbox's uid, as the server's room numbers it, until it is given back.</summary>
internal sealed class UidLease(int uid, Action giveBack) : IDisposable
{
    public int Uid { get; } = uid;

    public void Dispose() => giveBack();
}
