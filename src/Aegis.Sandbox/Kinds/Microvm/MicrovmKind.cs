using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Kinds.Microvm;

// The machine's program (QEMU) is itself the command of a namespace sandbox: who breaks out of the guest's
// kernel and of QEMU stands behind all walls of that kind, with a uid of its own. Rejected: a jail of QEMU's
// own (Firecracker's jailer needs root).
//
// /work is two block devices: what was there before, packed read-only, and an empty file system of the
// limit's size for what the command writes, laid over it. Rejected: 9p and virtiofs, which put a file server
// of the host's within the guest's reach (and Debian's cloud kernel has no 9p); one writable image, after
// which nobody knows what changed without reading all of it. What changed comes back as an archive over a
// port and is unpacked inside the sandbox that held QEMU: a hostile archive can write nothing but /work.

/// <summary>A virtual machine for each command.</summary>
internal sealed class MicrovmKind(SandboxRunner runner, SandboxOptions options) : ISandboxKind
{
    /// <summary>The guest's disks and ports have places for so many.</summary>
    public const int MountsMax = 16;

    private const int RequestFile = 9;

    private const string Script = """
        disk=$1 inodes=$2 mounts=$3; shift 3
        cd /run/scratch || exit 125
        : >status; : >back
        truncate -s "$disk" disk && mke2fs -q -F -t ext4 -I 256 -N "$inodes" -m 0 \
          -O none,filetype,extent,sparse_super,large_file,dir_index,ext_attr \
          -E lazy_itable_init=1,nodiscard disk >tools.log 2>&1 || { cat tools.log >&2; exit 125; }
        pack() {
          mksquashfs "$1" "$2" -quiet -no-progress -noappend -comp lz4 -no-xattrs >tools.log 2>&1 ||
            { cat tools.log >&2; exit 125; }
          set_disk="-drive id=$2,file=/run/scratch/$2,format=raw,if=none,cache=unsafe,readonly=on"
          set_disk="$set_disk -device virtio-blk-device,drive=$2,serial=$2"
        }
        set_disks=
        if [ -n "$(ls -A /work)" ]; then pack /work work; set_disks="$set_disks $set_disk"; fi
        if [ "$mounts" -gt 0 ]; then pack /run/mounts mounts; set_disks="$set_disks $set_disk"; fi
        # shellcheck disable=SC2086
        "$@" $set_disks 7>&1 8>&2 2>qemu.log || { tail -n 1 qemu.log >&2; exit 125; }
        [ -s status ] || { tail -n 1 qemu.log >&2; exit 125; }
        if [ -s back ]; then
          tar -xf back removed && (cd /work && xargs -0 -r rm -rf -- <../run/scratch/removed) &&
            tar -xpf back -C /work --strip-components=1 --recursive-unlink --no-same-owner u ||
            exit 125
        fi
        cat status >&6
        """;

    private readonly MicrovmFolder folder = new(options.Microvm.Folder);
    private bool kvm;

    public SandboxKind Kind => SandboxKind.Microvm;

    public async Task<ImmutableArray<WallRecord>> EnterAsync(CancellationToken cancel)
    {
        MicrovmFolder.CheckPrograms();
        folder.Refresh();
        if (options.Microvm.Acceleration == VmAcceleration.Best && Acceleration.KvmIsOpen())
        {
            // Debian's kernel hangs on some hosts' KVM: only a boot shows that it works
            kvm = true;
            try
            {
                return await MicrovmProbe.EnterAsync(this, TimeSpan.FromSeconds(10), cancel);
            }
            catch (AegisException)
            {
                kvm = false;
            }
        }
        return await MicrovmProbe.EnterAsync(this, TimeSpan.FromSeconds(60), cancel);
    }

    public ImmutableArray<WallRecord> WallsOf(SandboxSpec spec, ImmutableArray<WallRecord> entered)
    {
        var limits = spec.Limits;
        var plan = VmPlan.For(spec, options.Microvm, VmPaths.Inside, kvm, Acceleration.TicksKhz);
        return
        [
            .. WallTable.WithWayOut(entered, spec, "one network card, which ends in the network namespace of "
                + "QEMU's sandbox; no vsock"),
            new("memory", string.Create(CultureInfo.InvariantCulture,
                $"the machine's memory: {plan.MemoryMib} MiB for its kernel and the tree"), true),
            new("pids", $"RLIMIT_NPROC {limits.ProcessesMax} in the guest", true),
            new("cpu", $"{plan.Cpus} processors; RLIMIT_CPU {limits.CpuTimeMax.TotalSeconds:0} s per process",
                true),
            new("disk", $"/tmp and /dev/shm: tmpfs of {limits.TmpBytesMax} bytes, "
                + $"{options.TmpInodesMax} inodes", true),
            new("workspace", $"a disk of {DiskBytes(limits)} bytes, {options.TmpInodesMax} inodes", true),
        ];
    }

    public async Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io,
        ImmutableArray<WallRecord> entered, CancellationToken cancel)
    {
        if (spec.Pty)
        {
            throw KindErrors.Cannot(Kind, "a terminal", "pipes", "a terminal");
        }
        if (spec.Mounts.Length > MountsMax)
        {
            throw KindErrors.Cannot(Kind, "so many folders", $"at most {MountsMax}", $"{spec.Mounts.Length}");
        }
        if (spec.Network is not null)
        {
            folder.RequireCard();
        }
        var outcome = await RunMachineAsync(spec, io, cancel);
        return outcome with { Walls = WallsOf(spec, entered) };
    }

    internal async Task<SandboxOutcome> RunMachineAsync(SandboxSpec spec, SandboxIo io,
        CancellationToken cancel)
    {
        var paths = VmPaths.Inside with { System = folder.SystemOf(spec.Image) };
        var plan = VmPlan.For(spec, options.Microvm, paths, kvm, Acceleration.TicksKhz);
        await using var scratch = await ScratchFolder.MakeAsync(runner, spec, cancel);
        var enclosure = new Enclosure
        {
            SaysItsEnd = true,
            MountsBelow = "/run/mounts",
            Folders = [new RoomFolder(folder.Path, "/run/vm"),
                new RoomFolder(scratch.Path, VmPaths.Inside.Scratch, Writable: true)],
            Data = [new DataFile(RequestFile, VmPaths.Inside.Request, GuestRequest.Write(spec, options))],
            Devices = kvm ? [Acceleration.Device] : [],
        };
        return await runner.EncloseAsync(Holder(spec, plan, paths), io, enclosure, cancel);
    }

    /// <summary>What the command may write: its limit, and what the file system itself needs.</summary>
    private long DiskBytes(SandboxLimits limits) =>
        (limits.WorkspaceBytesMax ?? limits.TmpBytesMax) + (options.TmpInodesMax * 256L) + (4L << 20);

    /// <summary>The command of the sandbox that holds the machine. Its limits are wider than the spec's by
    /// what QEMU and the packing of disks need.</summary>
    private SandboxSpec Holder(SandboxSpec spec, VmPlan plan, VmPaths paths)
    {
        const int programBytes = 640 << 20;
        var disk = DiskBytes(spec.Limits);
        return spec with
        {
            Argv =
            [
                "sh", "-c", Script, "sh", Text(disk), Text(options.TmpInodesMax), Text(spec.Mounts.Length),
                .. QemuCommand.Argv(plan, paths),
            ],
            WorkingDirectory = "/work",
            Env = ImmutableSortedDictionary<string, string>.Empty,
            Limits = spec.Limits with
            {
                MemoryBytesMax = ((long)plan.MemoryMib << 20) + programBytes,
                ProcessesMax = 128,
                CpuTimeMax = spec.Limits.CpuTimeMax + TimeSpan.FromMinutes(2),
                TmpBytesMax = 1L << 20,
                WorkspaceBytesMax = disk + (64L << 20),
            },
        };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
