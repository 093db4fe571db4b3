using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Sandbox;

/// <summary>The part of a control group that one controller has.</summary>
internal enum CgroupController
{
    Memory,
    Pids,
    Cpu,
    Io,
}

/// <param name="Optional">Left out where the kernel has no such file.</param>
internal sealed record CgroupWrite(CgroupController Controller, string File, string Value,
    bool Optional = false);

/// <summary>What is written to a command's control group, as data: version 1 has a folder for each
/// controller, version 2 one for all.</summary>
internal static class CgroupPlan
{
    private const int PeriodMicroseconds = 100_000;

    /// <summary>RLIMIT_NPROC is the exact limit; the group also counts what stands around the
    /// command.</summary>
    private const int ProcessesAround = 8;

    /// <param name="device">Of the workspaces' disk, <c>major:minor</c>; null where it can't be
    /// limited.</param>
    public static ImmutableArray<CgroupWrite> For(SandboxLimits limits, bool unified, string? device)
    {
        var plan = new List<CgroupWrite>();
        plan.Add(new(CgroupController.Pids, "pids.max", Text(limits.ProcessesMax + ProcessesAround)));
        if (limits.MemoryBytesMax is { } bytes)
        {
            plan.AddRange(unified ? UnifiedMemory(bytes) : Memory(bytes));
        }
        if (limits.CpusMax is { } cpus)
        {
            var quota = Text((long)(cpus * PeriodMicroseconds));
            plan.AddRange(unified
                ? [new(CgroupController.Cpu, "cpu.max", $"{quota} {PeriodMicroseconds}")]
                : [new(CgroupController.Cpu, "cpu.cfs_period_us", Text(PeriodMicroseconds)),
                    new(CgroupController.Cpu, "cpu.cfs_quota_us", quota)]);
        }
        if (limits.IoBytesPerSecondMax is { } rate && device is not null)
        {
            var text = Text(rate);
            plan.AddRange(unified
                ? [new(CgroupController.Io, "io.max", $"{device} rbps={text} wbps={text}")]
                : [new(CgroupController.Io, "blkio.throttle.read_bps_device", $"{device} {text}"),
                    new(CgroupController.Io, "blkio.throttle.write_bps_device", $"{device} {text}")]);
        }
        return [.. plan];
    }

    private static CgroupWrite[] Memory(long bytes) =>
    [
        new(CgroupController.Memory, "memory.limit_in_bytes", Text(bytes)),
        new(CgroupController.Memory, "memory.memsw.limit_in_bytes", Text(bytes), Optional: true),
    ];

    private static CgroupWrite[] UnifiedMemory(long bytes) =>
    [
        new(CgroupController.Memory, "memory.max", Text(bytes)),
        // one process over the limit ends the whole command, not a random part of it
        new(CgroupController.Memory, "memory.oom.group", "1"),
        new(CgroupController.Memory, "memory.swap.max", "0", Optional: true),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
