using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Sandbox;

/// <summary>The record of the walls that one command had: those found by entering, and those its limits asked
/// for.
/// </summary>
internal static class WallTable
{
    public static ImmutableArray<WallRecord> For(ImmutableArray<WallRecord> entered, SandboxSpec spec,
        SandboxOptions options, CgroupTree? groups)
    {
        var limits = spec.Limits;
        var walls = WithWayOut(entered, spec).ToBuilder();
        var grouped = groups is not null;
        walls.Add(Memory(limits, grouped));
        walls.Add(new("pids", (grouped ? "cgroup pids.max and " : "")
            + $"RLIMIT_NPROC {limits.ProcessesMax} in the user namespace", true));
        walls.Add(Cpu(limits, groups?.Has(CgroupController.Cpu) == true));
        if (limits.IoBytesPerSecondMax is not null)
        {
            walls.Add(Io(spec, limits, groups?.Has(CgroupController.Io) == true));
        }
        walls.Add(new("disk", $"/tmp and /dev/shm: tmpfs of {limits.TmpBytesMax} bytes, "
            + $"{options.TmpInodesMax} inodes", true));
        walls.Add(Workspace(spec, limits));
        if (options.AppArmor && spec.Kind == SandboxKind.Namespace)
        {
            walls.Add(new("apparmor", $"the profile {AppArmorProfile.Name}", true));
        }
        return walls.ToImmutable();
    }

    /// <summary>The walls of a command that has a way out.</summary>
    /// <param name="before">What stands before it; null for the same as without one.</param>
    public static ImmutableArray<WallRecord> WithWayOut(ImmutableArray<WallRecord> entered, SandboxSpec spec,
        string? before = null) =>
        spec.Network is { } network && entered.FirstOrDefault(w => w.Wall == "network") is { } closed
            ? entered.Replace(closed, closed with
            {
                Mechanism = $"{before ?? closed.Mechanism}, out of it only by the egress proxy "
                    + $"({network.Allow.Length} entries)",
            })
            : entered;

    private static WallRecord Memory(SandboxLimits limits, bool grouped) => limits.MemoryBytesMax switch
    {
        null => new("memory", "absent: not asked for", false),
        var bytes when grouped => new("memory", $"cgroup memory limit {bytes} bytes for the tree", true),
        var bytes => new("memory",
            $"absent: no delegated control group; RLIMIT_DATA {bytes} bytes per process", false),
    };

    private static WallRecord Cpu(SandboxLimits limits, bool grouped)
    {
        var time = $"RLIMIT_CPU {limits.CpuTimeMax.TotalSeconds:0} s per process";
        return limits.CpusMax switch
        {
            null => new("cpu", time, true),
            var cpus when grouped => new("cpu", string.Create(CultureInfo.InvariantCulture,
                $"cgroup quota of {cpus} processors for the tree, {time}"), true),
            var cpus => new("cpu", string.Create(CultureInfo.InvariantCulture,
                $"absent: no delegated control group for {cpus} processors; {time}"), false),
        };
    }

    private static WallRecord Io(SandboxSpec spec, SandboxLimits limits, bool grouped) =>
        grouped && BlockDevice.Of(spec.Workspace?.UpperDirectory ?? "/",
            File.ReadAllText("/proc/self/mountinfo")) is { } device
            ? new("io", $"cgroup limit {limits.IoBytesPerSecondMax} bytes/s of device {device}", true)
            : new("io", "absent: no delegated control group of a block device", false);

    private static WallRecord Workspace(SandboxSpec spec, SandboxLimits limits) =>
        (spec.Workspace, limits.WorkspaceBytesMax) switch
        {
            (null, _) => new("workspace", $"tmpfs of {limits.WorkspaceBytesMax ?? limits.TmpBytesMax} bytes",
                true),
            (_, null) => new("workspace", "absent: not asked for", false),
            (_, var bytes) => new("workspace",
                $"RLIMIT_FSIZE {bytes} bytes per file; the whole is measured when sealed",
                true),
        };
}
