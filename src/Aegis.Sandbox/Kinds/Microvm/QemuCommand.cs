using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>QEMU's command line: the smallest machine it has, without vsock, screen, monitor or firmware of
/// devices; disks, one serial device with five ports, and a network card where the command has a way
/// out.</summary>
internal static class QemuCommand
{
    public const string Program = "/usr/bin/qemu-system-x86_64";

    /// <summary>File numbers at which the holder has the command's outputs: one digit, as sh reads
    /// them.</summary>
    public const int StdoutFile = 7;
    public const int StderrFile = 8;

    public static ImmutableArray<string> Argv(VmPlan plan, VmPaths paths)
    {
        var argv = ImmutableArray.CreateBuilder<string>();
        argv.AddRange(Program,
            "-M", "microvm,pit=off,pic=off,rtc=on,isa-serial=off,x-option-roms=off,ioapic2=on",
            "-accel", plan.Kvm ? "kvm" : "tcg,tb-size=128", "-cpu", plan.Kvm ? "host" : "max",
            "-m", Text(plan.MemoryMib), "-smp", Text(plan.Cpus),
            "-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-monitor", "none", "-serial",
            "none", "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-kernel", plan.Kernel, "-initrd", plan.Initrd, "-append", plan.KernelArguments,
            "-device", "virtio-serial-device");
        argv.AddRange(Port(1, "stdio", "signal=off"));
        argv.AddRange(Port(2, "file", $"path=/dev/fdset/2,append=on"));
        argv.AddRange(Port(3, "file", $"path=/dev/fdset/3,append=on"));
        argv.AddRange(Port(4, "file", $"path={paths.Scratch}/status"));
        argv.AddRange(Port(5, "file", $"path={paths.Scratch}/back"));
        argv.AddRange("-add-fd", $"fd={Text(StdoutFile)},set=2", "-add-fd", $"fd={Text(StderrFile)},set=3");
        foreach (var disk in plan.Disks)
        {
            argv.AddRange(Disk(disk));
        }
        if (plan.Card)
        {
            argv.AddRange(GuestCard.Argv);
        }
        return argv.ToImmutable();
    }

    public static ImmutableArray<string> Disk(VmDisk disk) =>
    [
        "-drive", $"id={disk.Serial},file={disk.Path},format=raw,if=none,cache=unsafe"
            + (disk.ReadOnly ? ",readonly=on" : ""),
        "-device", $"virtio-blk-device,drive={disk.Serial},serial={disk.Serial}",
    ];

    private static ImmutableArray<string> Port(int number, string backend, string how) =>
    [
        "-chardev", $"{backend},id=c{Text(number)},{how}",
        "-device", $"virtserialport,chardev=c{Text(number)},nr={Text(number)}",
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
