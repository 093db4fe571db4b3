namespace Aegis.Sandbox;

/// <summary>The disk on which a path is, as control groups name it.</summary>
internal static class BlockDevice
{
    /// <summary><c>major:minor</c> of the whole disk, or null where the path is on none (an overlay, a file
    /// system in memory).</summary>
    public static string? Of(string path, string mountInfo, string devices = "/sys/dev/block")
    {
        // 36 35 98:0 /root /mount options … : the longest mount point that is above the path
        var number = mountInfo.Split('\n').Select(l => l.Split(' ')).Where(f => f.Length > 4
            && (path == f[4] || path.StartsWith(f[4].TrimEnd('/') + "/", StringComparison.Ordinal)))
            .OrderByDescending(f => f[4].Length).Select(f => f[2]).FirstOrDefault();
        if (number is null || !Directory.Exists(Path.Combine(devices, number)))
        {
            return null;
        }
        var device = Path.Combine(devices, number);
        if (!File.Exists(Path.Combine(device, "partition")))
        {
            return number;
        }
        // limits are for whole disks: a partition's folder lies in its disk's
        var real = new DirectoryInfo(device).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? device;
        var disk = Path.Combine(Path.GetDirectoryName(real)!, "dev");
        return File.Exists(disk) ? File.ReadAllText(disk).Trim() : null;
    }
}
