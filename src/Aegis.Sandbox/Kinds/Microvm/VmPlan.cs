using System.Collections.Immutable;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>One virtual machine as data: what QEMU's command line and Firecracker's configuration are both
/// written from.</summary>
/// <param name="Cpus">Processors, 1 to 8.</param>
/// <param name="TicksKhz">The host's time stamp counter: a guest under emulation has no other clock to
/// measure it by.</param>
/// <param name="Card">Whether the guest has a network card; see <see cref="GuestCard"/>.</param>
internal sealed record VmPlan(string Kernel, string Initrd, int MemoryMib, int Cpus,
    ImmutableArray<VmDisk> Disks, bool Kvm, long TicksKhz, bool Card)
{
    public const int CpusMax = 8;

    /// <summary>What the kernel and the guest's first programs take for themselves.</summary>
    public const int OwnMemoryMib = 96;

    public string KernelArguments { get; } = string.Join(' ', "quiet", "reboot=t", "panic=-1", "audit=0",
        "nokaslr", "mitigations=off", "cryptomgr.notests", "raid=noautodetect", "init_on_alloc=0",
        "random.trust_cpu=on", "tsc=reliable", $"tsc_early_khz={TicksKhz}", "no_timer_check",
        $"lpj={TicksKhz * 4}");

    /// <summary>The machine for a spec: its memory is the limit of the whole tree, and what it may use of
    /// the disk is a disk of that size.</summary>
    public static VmPlan For(SandboxSpec spec, MicrovmOptions options, VmPaths paths, bool kvm,
        long ticksKhz)
    {
        var memory = spec.Limits.MemoryBytesMax ?? options.MemoryBytes;
        return new VmPlan(paths.Kernel, paths.Initrd, (int)(memory >> 20) + OwnMemoryMib,
            Math.Clamp((int)Math.Ceiling(spec.Limits.CpusMax ?? 1), 1, CpusMax),
            [
                new VmDisk("request", paths.Request, ReadOnly: true),
                new VmDisk("system", paths.System, ReadOnly: true),
                new VmDisk("disk", paths.Scratch + "/disk", ReadOnly: false),
                .. spec.Network is { HasAuthority: true }
                    ? [new VmDisk("trust", CommandAuthority.InsidePath, ReadOnly: true)]
                    : ImmutableArray<VmDisk>.Empty,
            ], kvm, ticksKhz, spec.Network is not null);
    }
}

/// <param name="Serial">By which the guest knows it.</param>
internal sealed record VmDisk(string Serial, string Path, bool ReadOnly);

/// <summary>Where things are for the program that runs the machine.</summary>
internal sealed record VmPaths(string Kernel, string Initrd, string System, string Request, string Scratch)
{
    /// <summary>Inside the sandbox that holds the machine.</summary>
    public static VmPaths Inside { get; } = new("/run/vm/vmlinux", "/run/vm/initrd-" + GuestInit.Hash,
        "/run/vm/system",
        "/run/request", "/run/scratch");
}
