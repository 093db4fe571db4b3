using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text;
using Aegis.Processes;

namespace Aegis.Sandbox;

using Kinds;
using Kinds.Microvm;

/// <summary>Fills the microvm's folder: a kernel unpacked from Debian's package, its few modules, a static
/// busybox, and the guest's read-only system.
/// <para>The system is a squashfs image of the host's own programs. Rejected: a file server for the guest
/// (see <c>MicrovmKind</c>), and an image for each command (minutes).</para></summary>
public sealed class MicrovmPreparation(ProcessLauncher launcher, string folder)
{
    private const string PackScript = """
        out=$1; shift
        tar --null -C / "$@" --ignore-failed-read --exclude=usr/share/doc --exclude=usr/share/man \
          --exclude=usr/share/info --exclude=usr/share/locale --exclude=usr/src --exclude=usr/lib/modules \
          --exclude=usr/lib/firmware --exclude=usr/share/qemu -T - -cf - 2>/dev/null |
          sqfstar -quiet -no-progress -comp lz4 -all-root -no-xattrs "$out" 2>&1
        """;

    /// <param name="kernelRoot">A folder with <c>boot/vmlinuz-*</c> and <c>lib/modules/*</c>: an unpacked
    /// kernel package, or <c>/</c>.</param>
    /// <param name="packages">Debian packages that the guest has, with all that they need and what is
    /// essential; empty for everything below the host's <c>/usr</c>.</param>
    public async Task PrepareAsync(string kernelRoot, ImmutableArray<string> packages,
        CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        var version = TakeKernel(kernelRoot);
        await TakeModulesAsync(Path.Combine(kernelRoot, "lib/modules", version), cancel);
        if (!InsideShell.IsThere())
        {
            throw KindErrors.NotPrepared("first programs", "a static busybox", "none",
                "Install it: apt-get install busybox-static");
        }
        File.Copy(InsideShell.Busybox, Path.Combine(folder, "busybox"), overwrite: true);
        await TakeSystemAsync(packages, cancel);
        OpenToAll(folder);
        new MicrovmFolder(folder).Renew();
    }

    /// <summary>Makes an added image the system of machines that name it.</summary>
    /// <param name="root">The image's file system.</param>
    public async Task PackImageAsync(string name, string root, CancellationToken cancel = default)
    {
        var target = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "systems")).FullName, name);
        await RunAsync("""
            rm -f "$2" && mksquashfs "$1" "$2" -quiet -no-progress -noappend -comp lz4 -all-root -no-xattrs
            """, [root, target + ".new"], null, "image", cancel);
        File.Move(target + ".new", target, overwrite: true);
        OpenToAll(folder);
    }

    private string TakeKernel(string kernelRoot)
    {
        var boot = Path.Combine(kernelRoot, "boot");
        var packed = (Directory.Exists(boot) ? Directory.GetFiles(boot, "vmlinuz-*") : [])
            .Where(k => Directory.Exists(Path.Combine(kernelRoot, "lib/modules", VersionOf(k))))
            .OrderByDescending(k => k.Contains("cloud", StringComparison.Ordinal))
            .ThenByDescending(k => k, StringComparer.Ordinal).FirstOrDefault()
            ?? throw KindErrors.NotPrepared("kernel", "boot/vmlinuz-* with its lib/modules", "none",
                "Unpack Debian's linux-image-cloud-amd64: ./aegis sandbox prepare does it");
        Write("vmlinux", KernelImage.Unpack(File.ReadAllBytes(packed)));
        return VersionOf(packed);
    }

    private static string VersionOf(string packed) => Path.GetFileName(packed)["vmlinuz-".Length..];

    private async Task TakeModulesAsync(string from, CancellationToken cancel)
    {
        var to = Directory.CreateDirectory(Path.Combine(folder, "modules")).FullName;
        foreach (var module in GuestInit.Modules.Concat(GuestCard.Modules))
        {
            var found = Directory.EnumerateFiles(from, $"{module}.ko*", SearchOption.AllDirectories)
                .FirstOrDefault();
            var target = Path.Combine(to, $"{module}.ko");
            switch (Path.GetExtension(found))
            {
                case ".ko":
                    File.Copy(found!, target, overwrite: true);
                    break;
                case ".xz" or ".zst":
                    await RunAsync(
                        "case $1 in *.xz) xz -dc \"$1\" ;; *) zstd -dc \"$1\" ;; esac >\"$2\"",
                        [found!, target], null, "modules", cancel);
                    break;
                default:
                    // built into the kernel
                    File.Delete(target);
                    break;
            }
        }
        Write(MicrovmFolder.Taken, Encoding.UTF8.GetBytes(string.Join(' ', GuestCard.Modules)));
    }

    private async Task TakeSystemAsync(ImmutableArray<string> packages, CancellationToken cancel)
    {
        var fresh = Path.Combine(folder, "system.new");
        File.Delete(fresh);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var link in new[] { "bin", "sbin", "lib", "lib32", "lib64", "libx32" })
        {
            if (File.Exists("/" + link) || Directory.Exists("/" + link))
            {
                names.Add(link);
            }
        }
        var whole = packages.IsEmpty;
        names.UnionWith(whole ? ["usr"] : await DebianFiles.OfAsync(launcher, packages, cancel));
        await RunAsync(PackScript, [fresh, .. whole ? [] : new[] { "--no-recursion" }],
            Encoding.UTF8.GetBytes(string.Join('\0', names.Concat(EtcNames())) + '\0'), "system", cancel);
        File.Move(fresh, Path.Combine(folder, "system"), overwrite: true);
    }

    /// <summary>What a namespace sandbox shows of /etc, each file and folder by itself.</summary>
    private static IEnumerable<string> EtcNames() => EtcView.Shown
        .Select(name => "/etc/" + name)
        .SelectMany(path => Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null
            ? Below(path).Prepend(path) : Path.Exists(path) ? [path] : [])
        .Select(p => p[1..]);

    private static FileSystemEnumerable<string> Below(string folder) => new(folder,
        (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = 0,
            IgnoreInaccessible = true,
        })
    {
        ShouldRecursePredicate = (ref FileSystemEntry entry) =>
            !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private async Task RunAsync(string script, ImmutableArray<string> arguments, byte[]? stdin, string what,
        CancellationToken cancel)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec("sh",
            ["-c", script, "sh", .. arguments], UserNamespace.CleanEnvironment, "/",
            stdin is null ? StdinMode.Null : StdinMode.Pipe), cancel);
        using var killed = cancel.UnsafeRegister(p => ((LaunchedProcess)p!).KillTree(), process);
        var said = new OutputTail();
        await Task.WhenAll(
            stdin is null ? Task.CompletedTask
                : OutputPump.FeedAsync(new MemoryStream(stdin), process.Stdin, cancel),
            OutputPump.RunAsync(process.Stdout, Keep), OutputPump.RunAsync(process.Stderr, Keep));
        var exit = await process.Exited;
        cancel.ThrowIfCancellationRequested();
        if (exit.ExitCode != 0)
        {
            throw KindErrors.NotPrepared(what, "programs that end well", said.ToString(),
                "Install what is missing: apt-get install squashfs-tools xz-utils");
        }

        ValueTask Keep(ReadOnlyMemory<byte> piece)
        {
            lock (said)
            {
                said.Add(piece.Span);
            }
            return default;
        }
    }

    private void Write(string name, byte[] content)
    {
        var target = Path.Combine(folder, name);
        File.WriteAllBytes(target + ".new", content);
        File.Move(target + ".new", target, overwrite: true);
    }

    /// <summary>The sandbox that holds a machine reads these with a uid of its own.</summary>
    private static void OpenToAll(string folder)
    {
        const UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
            | UnixFileMode.OtherRead;
        const UnixFileMode enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute
            | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder, read | enter);
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(path, Directory.Exists(path) ? read | enter : read);
        }
    }
}
