using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>The record of the walls that one command had: those found by entering, and those its limits asked
/// for.
/// </summary>
internal static class WallTable
{
    public static ImmutableArray<WallRecord> For(ImmutableArray<WallRecord> entered, SandboxSpec spec,
        SandboxOptions options, bool grouped)
    {
        var limits = spec.Limits;
        var walls = entered.ToBuilder();
        if (spec.Network is { } network && entered.FirstOrDefault(w => w.Wall == "network") is { } closed)
        {
            walls.Replace(closed, closed with
            {
                Mechanism = closed.Mechanism + ", out of it only by the egress proxy "
                    + $"({network.Allow.Length} entries)",
            });
        }
        walls.Add(Memory(limits, grouped));
        walls.Add(new("pids", (grouped ? "cgroup pids.max and " : "")
            + $"RLIMIT_NPROC {limits.ProcessesMax} in the user namespace", true));
        walls.Add(new("cpu", $"RLIMIT_CPU {limits.CpuTimeMax.TotalSeconds:0} s per process", true));
        walls.Add(new("disk", $"/tmp and /dev/shm: tmpfs of {limits.TmpBytesMax} bytes, "
            + $"{options.TmpInodesMax} inodes", true));
        walls.Add(Workspace(spec, limits));
        return walls.ToImmutable();
    }

    private static WallRecord Memory(SandboxLimits limits, bool grouped) => limits.MemoryBytesMax switch
    {
        null => new("memory", "absent: not asked for", false),
        var bytes when grouped => new("memory", $"cgroup memory limit {bytes} bytes for the tree", true),
        var bytes => new("memory",
            $"absent: no delegated control group; RLIMIT_DATA {bytes} bytes per process", false),
    };

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
