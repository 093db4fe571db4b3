using System.Globalization;

namespace Aegis.Sandbox;

/// <summary>Control groups below a folder that was delegated to the server's user: version 1
/// (<c>memory</c> and <c>pids</c> apart) or version 2 (one folder with both controllers enabled for
/// children).
/// </summary>
internal sealed class CgroupTree
{
    private readonly CgroupFolders parents;
    private readonly bool unified;
    private int made;

    private CgroupTree(CgroupFolders parents, bool unified)
    {
        this.parents = parents;
        this.unified = unified;
    }

    /// <summary>The delegated folders that were named or found; null where there are none.</summary>
    public static CgroupTree? Find(CgroupFolders? named)
    {
        var candidates = named is not null
            ? [named]
            : new[]
            {
                new CgroupFolders("/sys/fs/cgroup/aegis", "/sys/fs/cgroup/aegis"),
                new CgroupFolders("/sys/fs/cgroup/memory/aegis", "/sys/fs/cgroup/pids/aegis"),
            };
        return candidates.Select(TryUse).FirstOrDefault(t => t is not null);
    }

    /// <summary>A group with these limits, for one command.</summary>
    public Group Make(SandboxLimits limits)
    {
        var name = $"s{Environment.ProcessId}-{Interlocked.Increment(ref made)}";
        var folders = new CgroupFolders(Path.Combine(parents.Memory, name), Path.Combine(parents.Pids, name));
        Directory.CreateDirectory(folders.Memory);
        Directory.CreateDirectory(folders.Pids);
        // RLIMIT_NPROC is the exact limit; this one also counts the shells and bwrap around the command
        Write(folders.Pids, "pids.max", limits.ProcessesMax + 8);
        if (limits.MemoryBytesMax is { } bytes)
        {
            Write(folders.Memory, unified ? "memory.max" : "memory.limit_in_bytes", bytes);
            if (unified)
            {
                // one process over the limit ends the whole command, not a random part of it
                Write(folders.Memory, "memory.oom.group", 1);
            }
            var swap = unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
            if (File.Exists(Path.Combine(folders.Memory, swap)))
            {
                Write(folders.Memory, swap, unified ? 0 : bytes);
            }
        }
        return new Group(folders);
    }

    private static CgroupTree? TryUse(CgroupFolders folders)
    {
        var unified = folders.Memory == folders.Pids;
        var probe = new CgroupTree(folders, unified);
        try
        {
            if (!Directory.Exists(folders.Memory) || !Directory.Exists(folders.Pids))
            {
                return null;
            }
            var group = probe.Make(SandboxLimits.Default);
            group.Remove();
            return probe;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string folder, string file, long value) =>
        File.WriteAllText(Path.Combine(folder, file), value.ToString(CultureInfo.InvariantCulture));

    internal sealed class Group(CgroupFolders folders) : IAsyncDisposable
    {
        public CgroupFolders Folders { get; } = folders;

        public void Remove()
        {
            Directory.Delete(Folders.Memory);
            if (Folders.Pids != Folders.Memory)
            {
                Directory.Delete(Folders.Pids);
            }
        }

        /// <summary>Every process has ended by now, but the kernel may hold on to a group for a moment
        /// longer.
        /// </summary>
        public async ValueTask DisposeAsync()
        {
            for (var attempt = 0; attempt < 50; attempt++)
            {
                try
                {
                    Remove();
                    return;
                }
                catch (DirectoryNotFoundException)
                {
                    return;
                }
                catch (IOException)
                {
                    await Task.Delay(2);
                }
            }
        }
    }
}
