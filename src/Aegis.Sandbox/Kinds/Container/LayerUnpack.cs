using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Text;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>Lays the archives of an image's layers over one another in a fresh folder. An archive is a
/// stranger's: a name that leaves the folder, goes through a link or links to what is outside is refused,
/// and so are devices; setuid bits and owners are left out. No path is followed: each step of it is looked
/// at first.</summary>
/// <param name="limits">Of all layers together.</param>
internal sealed class LayerUnpack(string root, UnpackLimits limits)
{
    private const string WhiteoutPrefix = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    private readonly HashSet<string> ofThisLayer = new(StringComparer.Ordinal);
    private long bytes;
    private int entries;

    /// <summary>Applies one layer's archive.</summary>
    public async Task ApplyAsync(Stream archive, CancellationToken cancel)
    {
        ofThisLayer.Clear();
        await using var reader = new TarReader(archive, leaveOpen: true);
        try
        {
            while (await reader.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (++entries > limits.Entries)
                {
                    throw KindErrors.ImageRefused("its entries", $"at most {limits.Entries}", "more");
                }
                await ApplyAsync(entry, cancel);
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw KindErrors.ImageRefused("a layer", "an archive (tar)", "a broken one");
        }
    }

    private async Task ApplyAsync(TarEntry entry, CancellationToken cancel)
    {
        if (Plain(entry.Name) is not { Length: > 0 } name)
        {
            return;
        }
        var path = Place(name);
        var last = Path.GetFileName(name);
        if (last == Opaque)
        {
            HideLower(Path.GetDirectoryName(name)!);
        }
        else if (last.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            var hidden = last[WhiteoutPrefix.Length..];
            if (hidden is "" or "." or "..")
            {
                throw KindErrors.ImageRefused("a whiteout", "the name of what it hides", name);
            }
            Remove(Path.Combine(Path.GetDirectoryName(path)!, hidden));
        }
        else
        {
            ofThisLayer.Add(name);
            await MakeAsync(entry, name, path, cancel);
        }
    }

    private async Task MakeAsync(TarEntry entry, string name, string path, CancellationToken cancel)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (KindOf(path) != FileKind.Folder)
                {
                    Remove(path);
                    Directory.CreateDirectory(path);
                }
                File.SetUnixFileMode(path, (entry.Mode & Permissions) | UnixFileMode.UserRead
                    | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Remove(path);
                await WriteAsync(entry, path, cancel);
                break;
            case TarEntryType.SymbolicLink:
                Remove(path);
                Link(entry.LinkName, path, name);
                break;
            case TarEntryType.HardLink:
                HardLink(entry.LinkName, path, name);
                break;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo
                when name.StartsWith("dev/", StringComparison.Ordinal):
                // a container has a /dev of its own
                break;
            case TarEntryType.GlobalExtendedAttributes:
                break;
            default:
                throw KindErrors.ImageRefused($"entry '{name}'", "a file, a folder or a link",
                    $"{entry.EntryType}");
        }
    }

    private async Task WriteAsync(TarEntry entry, string path, CancellationToken cancel)
    {
        bytes += entry.Length;
        if (bytes > limits.Bytes)
        {
            throw KindErrors.ImageRefused("its bytes", $"at most {limits.Bytes}", "more");
        }
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = (entry.Mode & Permissions) | UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        // not what the process's umask leaves of it
        File.SetUnixFileMode(file.SafeFileHandle, (entry.Mode & Permissions) | UnixFileMode.UserRead
            | UnixFileMode.UserWrite);
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(file, cancel);
        }
    }

    /// <summary>A link may name what it wants: only the container follows it, within its own root.</summary>
    private static void Link(string target, string path, string name)
    {
        if (target.Length == 0 || Encoding.UTF8.GetByteCount(target) > OciLimits.LinkBytesMax)
        {
            throw KindErrors.ImageRefused($"link '{name}'",
                $"a target of 1 to {OciLimits.LinkBytesMax} bytes",
                $"{target.Length}");
        }
        File.CreateSymbolicLink(path, target);
    }

    private void HardLink(string target, string path, string name)
    {
        var other = Plain(target);
        var from = other.Length == 0 ? root : Place(other, make: false);
        if (KindOf(from) != FileKind.File)
        {
            throw KindErrors.ImageRefused($"hard link '{name}'", "a file of the image", target);
        }
        if (from == path)
        {
            return;
        }
        Remove(path);
        if (Libc.link(from, path) != 0)
        {
            throw Libc.Failed("link");
        }
    }

    /// <summary>An opaque folder shows nothing of the layers below.</summary>
    private void HideLower(string name)
    {
        var folder = name.Length == 0 ? root : Place(name + "/x")[..^2];
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (!ofThisLayer.Contains(Path.GetRelativePath(root, path)))
            {
                Remove(path);
            }
        }
    }

    /// <summary>The name below the root without dots; empty for the root itself.</summary>
    private static string Plain(string name)
    {
        var parts = name.Split('/').Where(p => p is not ("" or ".")).ToArray();
        if (name.StartsWith('/') || parts.Contains("..") || name.Contains('\0', StringComparison.Ordinal)
            || parts.Length > OciLimits.PathDepthMax
            || Encoding.UTF8.GetByteCount(name) > OciLimits.PathBytesMax)
        {
            throw KindErrors.ImageRefused("a path in a layer", "one below the image's root",
                name.Length > 200 ? name[..200] + "…" : name);
        }
        return string.Join('/', parts);
    }

    /// <summary>Where a name stands, after every folder above it was found to be one.</summary>
    private string Place(string name, bool make = true)
    {
        var parts = name.Split('/');
        var folder = root;
        foreach (var part in parts[..^1])
        {
            folder = Path.Combine(folder, part);
            var kind = KindOf(folder);
            if (kind == FileKind.Nothing && make)
            {
                Directory.CreateDirectory(folder);
            }
            else if (kind != FileKind.Folder)
            {
                throw KindErrors.ImageRefused($"entry '{name}'", "a path of folders",
                    $"'{part}' is no folder");
            }
        }
        return Path.Combine(folder, parts[^1]);
    }

    private static void Remove(string path)
    {
        switch (KindOf(path))
        {
            case FileKind.Folder:
                Directory.Delete(path, recursive: true);
                break;
            case not FileKind.Nothing:
                File.Delete(path);
                break;
        }
    }

    private static FileKind KindOf(string path)
    {
        var info = new FileInfo(path);
        return info.LinkTarget is not null ? FileKind.Link
            : Directory.Exists(path) ? FileKind.Folder
            : info.Exists ? FileKind.File : FileKind.Nothing;
    }

    private enum FileKind
    {
        Nothing,
        File,
        Folder,
        Link,
    }
}
