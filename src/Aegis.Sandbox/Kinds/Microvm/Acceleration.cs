using System.Globalization;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>What the host's processor offers a machine.</summary>
internal static class Acceleration
{
    public const string Device = "/dev/kvm";

    /// <summary>The time stamp counter in kHz, as a guest under emulation reads the host's. A wrong figure
    /// only makes the guest's clock drift.</summary>
    public static long TicksKhz { get; } = ReadTicks();

    /// <summary>The sandbox that holds the machine has a uid of its own and no groups: only a device that
    /// is open to all is open to it.</summary>
    public static bool KvmIsOpen()
    {
        const UnixFileMode all = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return File.Exists(Device) && (File.GetUnixFileMode(Device) & all) == all;
    }

    private static long ReadTicks()
    {
        const long usualKhz = 2_000_000;
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l =>
            l.StartsWith("cpu MHz", StringComparison.Ordinal));
        return line is not null && double.TryParse(line.Split(':')[1], CultureInfo.InvariantCulture,
            out var mhz) && mhz > 100 ? (long)(mhz * 1000) : usualKhz;
    }
}
