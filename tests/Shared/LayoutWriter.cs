using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Processes;
using Aegis.Sandbox.Kinds.Microvm;

namespace Aegis.Tests.Shared;

/// <summary>Writes OCI layouts: sound ones of Debian's static busybox, and hostile ones.</summary>
internal sealed class LayoutWriter
{
    private readonly string blobs;
    private readonly List<(string Digest, long Size, string Type)> layers = [];
    private readonly List<string> diffIds = [];

    public LayoutWriter(string folder)
    {
        Folder = folder;
        blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
    }

    public string Folder { get; }

    /// <summary>For manifests that lie.</summary>
    public Func<string, string> Manifest { get; init; } = m => m;

    public string LayerType { get; init; } = "application/vnd.oci.image.layer.v1.tar+gzip";

    public LayoutWriter Layer(params TarEntry[] entries)
    {
        using var plain = new MemoryStream();
        using (var tar = new TarWriter(plain, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }
        diffIds.Add("sha256:" + Hash(plain.ToArray()));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain.ToArray());
        }
        var bytes = packed.ToArray();
        layers.Add((Put(bytes), bytes.Length, LayerType));
        return this;
    }

    /// <summary>The files of installed Debian packages with all that they need, as one plain layer.</summary>
    public static async Task<LayoutWriter> OfDebianAsync(
        string folder, ProcessLauncher launcher, params string[] packages)
    {
        string[] left = ["doc", "man", "info", "locale", "i18n", "zoneinfo", "perl"];
        var files = (await DebianFiles.OfAsync(launcher, packages, CancellationToken.None)).Where(path =>
            !left.Any(name => path.StartsWith($"usr/share/{name}", StringComparison.Ordinal)));
        var image = new LayoutWriter(folder) { LayerType = "application/vnd.oci.image.layer.v1.tar" };
        var fresh = Path.Combine(image.blobs, "fresh");
        await using (var tar = new TarWriter(File.Create(fresh)))
        {
            foreach (var path in new[] { "bin", "sbin", "lib", "lib64" }
                .Where(link => Path.Exists("/" + link)).Concat(files))
            {
                await tar.WriteEntryAsync("/" + path, path);
            }
        }
        image.Layer(fresh);
        return image;
    }

    public string Write()
    {
        File.WriteAllText(Path.Combine(Folder, "oci-layout"), """{"imageLayoutVersion": "1.0.0"}""");
        var config = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            architecture = "amd64",
            os = "linux",
            config = new { Env = new[] { "PATH=/bin", "OF_THE_IMAGE=yes" } },
            rootfs = new { type = "layers", diff_ids = diffIds },
        }));
        var manifest = Encoding.UTF8.GetBytes(Manifest(JsonSerializer.Serialize(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config = new { mediaType = "application/vnd.oci.image.config.v1+json", digest = "sha256:"
                + Put(config),
                size = config.Length },
            layers = layers.Select(l => new { mediaType = l.Type, digest = "sha256:" + l.Digest,
                size = l.Size }),
        })));
        File.WriteAllText(Path.Combine(Folder, "index.json"), JsonSerializer.Serialize(new
        {
            schemaVersion = 2,
            manifests = new[] { new { mediaType = "application/vnd.oci.image.manifest.v1+json",
                digest = "sha256:" + Put(manifest), size = manifest.Length } },
        }));
        return Folder;
    }

    /// <summary>An image of Debian's busybox-static and nothing else.</summary>
    public static LayoutWriter OfBusybox(string folder) => new LayoutWriter(folder).Layer([
        Dir("bin"), Text("bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED),
        .. new[] { "sh", "ls", "cat", "id", "echo", "grep", "sleep", "touch", "rm", "ln", "mount", "ping",
            "env",
            "tr", "dd", "mkdir", "test", "kill", "wc", "head", "stat", "chmod", "chown", "unshare", "find",
                "seq",
            "true", "tty", "cp", "nc", "cut", "sed", "yes" }
            .Select(n => Link("bin/" + n, "busybox")),
        Dir("etc"), Text("etc/passwd", "root:x:0:0::/:/bin/sh\n"u8.ToArray()), Dir("secret", 0x1C0),
        Text("etc/shadow", "root:hash\n"u8.ToArray(), 0x180)]);

    public static TarEntry Dir(string name, int mode = 0x1ED) =>
        new PaxTarEntry(TarEntryType.Directory, name) { Mode = (UnixFileMode)mode };

    public static TarEntry Text(string name, byte[] content, int mode = 0x1A4) =>
        new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            Mode = (UnixFileMode)mode,
            DataStream = new MemoryStream(content),
        };

    public static TarEntry Text(string name, string content = "text") =>
        Text(name, Encoding.UTF8.GetBytes(content));

    public static TarEntry Link(string name, string target) =>
        new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    public static TarEntry HardLink(string name, string target) =>
        new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target };

    private void Layer(string plain)
    {
        using var file = File.OpenRead(plain);
        var hash = Convert.ToHexStringLower(SHA256.HashData(file));
        File.Move(plain, Path.Combine(blobs, hash));
        diffIds.Add("sha256:" + hash);
        layers.Add((hash, file.Length, LayerType));
    }

    private string Put(byte[] content)
    {
        var hash = Hash(content);
        File.WriteAllBytes(Path.Combine(blobs, hash), content);
        return hash;
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
