using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace Aegis.Sandbox;

/// <summary>Control groups below folders that were delegated to the server's user: version 1 (a folder for
/// each controller) or version 2 (one folder with the controllers enabled for children).</summary>
internal sealed class CgroupTree
{
    private const string Root = "/sys/fs/cgroup";

    private readonly CgroupFolders parents;
    private readonly bool unified;

    // a process may have several trees over the same folders
    private readonly string mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private int made;

    private CgroupTree(CgroupFolders parents)
    {
        this.parents = parents;
        unified = parents.Memory == parents.Pids;
    }

    /// <summary>The delegated folders that were named or found; null where there are none.</summary>
    public static CgroupTree? Find(CgroupFolders? named)
    {
        var candidates = named is not null
            ? [named]
            : new[] { CgroupFolders.Unified(Root + "/aegis"), CgroupFolders.Version1(Root) };
        return candidates.Select(TryUse).FirstOrDefault(t => t is not null);
    }

    /// <summary>Whether a controller is delegated.</summary>
    public bool Has(CgroupController controller) => FolderOf(parents, controller) is not null;

    /// <summary>A group with these limits, for one command that works on a path.</summary>
    public Group Make(SandboxLimits limits, string workPath)
    {
        var device = limits.IoBytesPerSecondMax is null ? null
            : BlockDevice.Of(workPath, File.ReadAllText("/proc/self/mountinfo"));
        var plan = CgroupPlan.For(limits, unified, device).Where(w => Has(w.Controller)).ToList();
        var group = MakeOf(plan.Select(w => w.Controller).Append(CgroupController.Memory));
        Write(group, plan);
        return group;
    }

    /// <summary>A group without limits yet, for memory and processes.</summary>
    public Group MakeBare() => MakeOf([CgroupController.Memory, CgroupController.Pids]);

    /// <summary>Gives such a group its limits.</summary>
    public void Limit(Group group, SandboxLimits limits) =>
        Write(group, CgroupPlan.For(limits with { CpusMax = null, IoBytesPerSecondMax = null }, unified,
            null));

    private Group MakeOf(IEnumerable<CgroupController> controllers)
    {
        var name = string.Create(CultureInfo.InvariantCulture,
            $"s{Environment.ProcessId}-{mark}-{Interlocked.Increment(ref made)}");
        var folders = controllers.Select(c => Path.Combine(FolderOf(parents, c)!, name)).Distinct()
            .ToImmutableArray();
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder);
        }
        return new Group(name, folders);
    }

    private void Write(Group group, IEnumerable<CgroupWrite> plan)
    {
        foreach (var write in plan)
        {
            var file = Path.Combine(FolderOf(parents, write.Controller)!, group.Name, write.File);
            if (!write.Optional || File.Exists(file))
            {
                File.WriteAllText(file, write.Value);
            }
        }
    }

    private static CgroupTree? TryUse(CgroupFolders folders)
    {
        if (!Directory.Exists(folders.Memory) || !Directory.Exists(folders.Pids))
        {
            return null;
        }
        var probe = new CgroupTree(folders with
        {
            Cpu = Usable(folders.Cpu, "cpu.max", "cpu.cfs_quota_us"),
            Io = Usable(folders.Io, "io.max", "blkio.throttle.read_bps_device"),
        });
        try
        {
            RemoveLeftOver(folders.Memory);
            RemoveLeftOver(folders.Pids);
            probe.Make(SandboxLimits.Default, "/").Remove();
            return probe;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Usable(string? folder, params string[] files) =>
        files.Any(f => File.Exists(Path.Combine(folder ?? "/none", f))) ? folder : null;

    private static string? FolderOf(CgroupFolders folders, CgroupController controller) => controller switch
    {
        CgroupController.Memory => folders.Memory,
        CgroupController.Pids => folders.Pids,
        CgroupController.Cpu => folders.Cpu,
        _ => folders.Io,
    };

    /// <summary>Groups of servers that were killed.</summary>
    private static void RemoveLeftOver(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, "s*-*"))
        {
            var pid = Path.GetFileName(folder)[1..].Split('-')[0];
            if (pid.All(char.IsAsciiDigit) && !Directory.Exists("/proc/" + pid))
            {
                try
                {
                    RemoveTree(folder);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // its last process is still ending, or another one removed it
                }
            }
        }
    }

    // a container's runtime makes groups of its own below
    private static void RemoveTree(string folder)
    {
        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            RemoveTree(below);
        }
        Directory.Delete(folder);
    }

    internal sealed class Group(string name, ImmutableArray<string> folders) : IAsyncDisposable
    {
        public string Name { get; } = name;

        public ImmutableArray<string> Folders { get; } = folders;

        public void Remove()
        {
            foreach (var folder in Folders.Where(Directory.Exists))
            {
                RemoveTree(folder);
            }
        }

        /// <summary>Every process has ended by now, but the kernel may hold on to a group for a moment
        /// longer.</summary>
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
