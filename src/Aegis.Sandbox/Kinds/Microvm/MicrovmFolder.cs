using Aegis.Core;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>What <c>./aegis sandbox prepare</c> made: <c>vmlinux</c>, <c>busybox</c>, <c>modules/</c>,
/// <c>system</c> (the host's programs) and <c>systems/NAME</c> (an image's). The initrd is made here, from
/// those and this version's script.</summary>
internal sealed class MicrovmFolder(string? path)
{
    /// <summary>Names the modules of a card that were looked for: a kernel may have them built
    /// in.</summary>
    public const string Taken = "modules/taken";

    private const string Prepare = "Run: ./aegis sandbox prepare";

    private static readonly (string Program, string Package)[] Programs =
    [
        (QemuCommand.Program, "qemu-system-x86"), ("/usr/bin/mksquashfs", "squashfs-tools"),
        ("/usr/sbin/mke2fs", "e2fsprogs"),
    ];

    public string Path => path ?? throw KindErrors.Missing(SandboxKind.Microvm,
        "a folder with a kernel and a system", "none is configured", Prepare);

    public static void CheckPrograms()
    {
        foreach (var (program, package) in Programs)
        {
            if (!File.Exists(program))
            {
                throw KindErrors.Missing(SandboxKind.Microvm,
                    $"the program {System.IO.Path.GetFileName(program)}",
                    "none", $"Install it: apt-get install {package}");
            }
        }
    }

    /// <summary>Sees that all is there, and makes the initrd where it is another version's.</summary>
    public void Refresh()
    {
        foreach (var file in new[] { "vmlinux", "busybox", "system" })
        {
            if (!File.Exists(At(file)))
            {
                throw KindErrors.Missing(SandboxKind.Microvm, $"{file} in its folder", "none", Prepare);
            }
        }
        var initrd = At("initrd-" + GuestInit.Hash);
        if (!File.Exists(initrd))
        {
            WriteInitrd(initrd);
        }
    }

    /// <summary>After its parts were taken anew: makes the initrd of them.</summary>
    public void Renew()
    {
        File.Delete(At("initrd-" + GuestInit.Hash));
        Refresh();
    }

    /// <summary>A folder that an earlier version prepared has no driver of a network card.</summary>
    public void RequireCard()
    {
        if (!File.Exists(At(Taken)))
        {
            throw KindErrors.Missing(SandboxKind.Microvm, "the kernel's driver of a network card",
                "a folder that an earlier version prepared", Prepare);
        }
    }

    /// <summary>Where the sandbox that holds the machine finds the system of an image, or the host's.
    /// </summary>
    public string SystemOf(string? image)
    {
        if (image is null)
        {
            return VmPaths.Inside.System;
        }
        return IdRule.IsValid(image) && File.Exists(At("systems/" + image))
            ? $"/run/vm/systems/{image}"
            : throw KindErrors.ImageMissing(image, "no such system of a machine");
    }

    private void WriteInitrd(string initrd)
    {
        var fresh = $"{initrd}.{Environment.ProcessId}.new";
        using (var file = File.Create(fresh))
        {
            var cpio = new CpioWriter(file);
            foreach (var folder in new[] { "bin", "m", "dev", "proc", "sys", "s", "r", "d", "l", "x" })
            {
                cpio.Folder(folder);
            }
            cpio.Program("bin/busybox", File.ReadAllBytes(At("busybox")));
            foreach (var module in GuestInit.Modules.Concat(GuestCard.Modules)
                .Where(m => File.Exists(At($"modules/{m}.ko"))))
            {
                cpio.Program($"m/{module}.ko", File.ReadAllBytes(At($"modules/{module}.ko")));
            }
            cpio.Program("init", System.Text.Encoding.UTF8.GetBytes(GuestInit.Script));
            cpio.End();
        }
        File.SetUnixFileMode(fresh, (UnixFileMode)0x1A4);
        File.Move(fresh, initrd, overwrite: true);
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
