using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core;
using Aegis.Sandbox.Kinds;
using Aegis.Sandbox.Kinds.Container;

namespace Aegis.Sandbox;

/// <summary>Images of a node by name: <c>NAME/root</c> is an image's unpacked file system,
/// <c>NAME/image.json</c> says which it is. Written last and moved into place, so that a half-made one is
/// never used.</summary>
public sealed class ImageShelf
{
    private readonly string? folder;
    private readonly UnpackLimits limits;

    public ImageShelf(string? folder)
        : this(folder, new UnpackLimits())
    {
    }

    /// <summary>With other limits, that a test can reach.</summary>
    internal ImageShelf(string? folder, UnpackLimits limits) => (this.folder, this.limits) = (folder, limits);

    private const string TarType = "application/vnd.oci.image.layer.v1.tar";
    private const string DockerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>Takes an OCI layout from a folder under a name; an image of that name is replaced.</summary>
    /// <returns>The manifest's digest.</returns>
    public async Task<string> AddAsync(string name, string layoutFolder, CancellationToken cancel = default)
    {
        if (folder is null || !IdRule.IsValid(name))
        {
            throw KindErrors.ImageRefused("its name", "1 to 64 of letters, digits, '.', '_', '-'", name);
        }
        var layout = new OciLayout(layoutFolder);
        var image = layout.Read();
        var fresh = Path.Combine(folder, $".new-{Path.GetRandomFileName()}");
        var root = Directory.CreateDirectory(Path.Combine(fresh, "root")).FullName;
        try
        {
            var unpack = new LayerUnpack(root, limits);
            for (var i = 0; i < image.Layers.Length; i++)
            {
                await UnpackAsync(layout, image.Layers[i], image.DiffIds[i], unpack, cancel);
            }
            MakePlaces(root);
            await File.WriteAllTextAsync(Path.Combine(fresh, "image.json"),
                JsonSerializer.Serialize(new ImageRecord(image.Digest, image.Env)), cancel);
            var place = Path.Combine(folder, name);
            if (Directory.Exists(place))
            {
                Directory.Move(place, Path.Combine(fresh, "old"));
            }
            Directory.Move(Path.Combine(fresh, "root"), Directory.CreateDirectory(place).FullName + "/root");
            File.Move(Path.Combine(fresh, "image.json"), Path.Combine(place, "image.json"));
            return image.Digest;
        }
        finally
        {
            Directory.Delete(fresh, recursive: true);
        }
    }

    internal (string Root, ImageRecord Record) Find(string? name)
    {
        var place = name is not null && folder is not null && IdRule.IsValid(name)
            ? Path.Combine(folder, name) : null;
        var record = place is null ? null : Path.Combine(place, "image.json");
        return File.Exists(record)
            ? (Path.Combine(place!, "root"), JsonSerializer.Deserialize<ImageRecord>(File.ReadAllBytes(
                record))!)
            : throw KindErrors.ImageMissing(name ?? "(none)", "none of that name");
    }

    /// <summary>Where an image's file system is.</summary>
    public string RootOf(string name) => Find(name).Root;

    /// <summary>The images that were added, by name.</summary>
    public IReadOnlyList<ImageAnswer> List() => [.. Names().Order(StringComparer.Ordinal)
        .Select(name => new ImageAnswer(name, Find(name).Record.Digest))];

    internal IEnumerable<string> Names() => folder is null || !Directory.Exists(folder) ? []
        : Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "image.json")))
            .Select(d => Path.GetFileName(d));

    private async Task UnpackAsync(OciLayout layout, OciBlob layer, string diffId, LayerUnpack unpack,
        CancellationToken cancel)
    {
        using var packedHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var plainHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var packed = new HashedStream(layout.Open(layer), packedHash, limits.Archive);
        await using var plain = new HashedStream(layer.MediaType switch
        {
            TarType => packed,
            TarType + "+gzip" or DockerType => new GZipStream(packed, CompressionMode.Decompress),
            _ => throw KindErrors.ImageRefused("a layer", TarType + " with or without +gzip",
                layer.MediaType),
        }, plainHash, limits.Archive);
        try
        {
            await unpack.ApplyAsync(plain, cancel);
            // the archive's end comes before the stream's: all of it counts for its hash
            await plain.CopyToAsync(Stream.Null, cancel);
            await packed.CopyToAsync(Stream.Null, cancel);
        }
        catch (InvalidDataException)
        {
            throw KindErrors.ImageRefused("a layer", "whole gzip data within the limit", "something else");
        }
        Compare("a layer", layer.Digest, packedHash);
        Compare("a layer, unpacked,", diffId, plainHash);
    }

    private static void Compare(string what, string expected, IncrementalHash hash)
    {
        var got = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (got != expected)
        {
            throw KindErrors.ImageRefused(what, $"sha256:{expected}", $"sha256:{got}");
        }
    }

    /// <summary>Makes a folder within an image's root on which another one is to be mounted: the root itself
    /// is read-only to the command.</summary>
    internal static void MakePlace(string root, string inside)
    {
        var path = root;
        foreach (var part in inside.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null || File.Exists(path))
            {
                throw KindErrors.ImageRefused($"its path {inside}", "a folder, or nothing",
                    "a link or a file");
            }
            Directory.CreateDirectory(path);
        }
    }

    /// <summary>The same for a file.</summary>
    internal static void MakeFile(string root, string inside)
    {
        MakePlace(root, Path.GetDirectoryName(inside)!);
        var file = Path.Combine(root, inside.TrimStart('/'));
        // what the image has in its place, also a link, is covered by the mount as it is
        if (new FileInfo(file).LinkTarget is null && !Path.Exists(file))
        {
            File.WriteAllText(file, "");
        }
    }

    private static void MakePlaces(string root)
    {
        foreach (var name in new[] { "proc", "dev", "tmp", "work", "app/workplace", "run", "etc" })
        {
            MakePlace(root, name);
        }
        foreach (var name in new[] { "busybox", "env" })
        {
            MakeFile(root, "/run/" + name);
        }
    }
}

/// <param name="Digest">SHA-256 of the manifest that it came from, in hex.</param>
public sealed record ImageAnswer(string Name, string Digest);

/// <param name="Digest">Of the manifest that it came from.</param>
internal sealed record ImageRecord(string Digest, ImmutableArray<string> Env);
