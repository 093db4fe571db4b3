namespace Aegis.Sandbox.Tests;

/// <summary>What is written to control groups, as data: version 2 is not on every machine that builds this.
/// </summary>
public sealed class CgroupPlanTests
{
    private static readonly SandboxLimits All = SandboxLimits.Default with
    {
        ProcessesMax = 100,
        MemoryBytesMax = 64 << 20,
        CpusMax = 1.5,
        IoBytesPerSecondMax = 1_000_000,
    };

    [Fact]
    public void Limits_OnVersion2_AreTheseFiles() => Assert.Equal(
        ["pids.max 108", "memory.max 67108864", "memory.oom.group 1", "memory.swap.max 0",
            "cpu.max 150000 100000", "io.max 8:0 rbps=1000000 wbps=1000000"],
        CgroupPlan.For(All, unified: true, "8:0").Select(w => $"{w.File} {w.Value}"));

    [Fact]
    public void Limits_OnVersion1_AreTheseFiles() => Assert.Equal(
        ["pids.max 108", "memory.limit_in_bytes 67108864", "memory.memsw.limit_in_bytes 67108864",
            "cpu.cfs_period_us 100000", "cpu.cfs_quota_us 150000",
            "blkio.throttle.read_bps_device 8:0 1000000", "blkio.throttle.write_bps_device 8:0 1000000"],
        CgroupPlan.For(All, unified: false, "8:0").Select(w => $"{w.File} {w.Value}"));

    [Fact]
    public void Limits_NotAskedFor_AreNotWritten() => Assert.Equal(["pids.max"],
        CgroupPlan.For(SandboxLimits.Default with { MemoryBytesMax = null }, true, null).Select(w => w.File));

    [Theory]
    [InlineData("/data/work", "8:0")]
    [InlineData("/data", "8:0")]
    [InlineData("/database", null)]
    [InlineData("/mem/x", null)]
    public void Device_OfAPath_IsItsWholeDisk(string path, string? expected)
    {
        var devices = Directory.CreateTempSubdirectory("aegis-devices-");
        var disk = Directory.CreateDirectory(Path.Combine(devices.FullName, "real/sda"));
        File.WriteAllText(Path.Combine(disk.FullName, "dev"), "8:0\n");
        var part = disk.CreateSubdirectory("sda2");
        File.WriteAllText(Path.Combine(part.FullName, "partition"), "2\n");
        File.CreateSymbolicLink(Path.Combine(devices.FullName, "8:2"), "real/sda/sda2");
        const string mounts = "1 0 0:20 / / rw - overlay o rw\n2 1 8:2 / /data rw - ext4 d rw\n"
            + "3 1 0:30 / /mem rw - tmpfs t rw\n";
        Assert.Equal(expected, BlockDevice.Of(path, mounts, devices.FullName));
        devices.Delete(recursive: true);
    }
}
