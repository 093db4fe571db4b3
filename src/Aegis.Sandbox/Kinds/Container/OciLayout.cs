using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Sandbox.Kinds.Container;

/// <param name="Digest">Lower hex of SHA-256.</param>
internal sealed record OciBlob(string MediaType, string Digest, long Size);

/// <param name="DiffIds">SHA-256 of each layer's archive, unpacked.</param>
/// <param name="Env">The image's own variables.</param>
internal sealed record OciImage(string Digest, ImmutableArray<OciBlob> Layers, ImmutableArray<string> DiffIds,
    ImmutableArray<string> Env);

/// <summary>Reads an OCI layout on disk. Nothing in it is believed: each blob's size and hash are those that
/// the document above it names, up to the manifest; whoever gives the folder vouches for that one.</summary>
internal sealed partial class OciLayout(string folder)
{
    private const string Index = "application/vnd.oci.image.index.v1+json";

    public OciImage Read()
    {
        using var mark = Parse(ReadFile(Path.Combine(folder, "oci-layout"), "oci-layout"), "oci-layout");
        if (Text(mark.RootElement, "imageLayoutVersion") is not "1.0.0")
        {
            throw KindErrors.ImageRefused("its version", "imageLayoutVersion 1.0.0",
                Text(mark.RootElement, "imageLayoutVersion") ?? "none");
        }
        using var index = Parse(ReadFile(Path.Combine(folder, "index.json"), "index.json"), "index.json");
        var manifest = Choose(index.RootElement, nested: false);
        using var document = Parse(ReadBlob(manifest), "the manifest");
        var layers = Items(document.RootElement, "layers").Select(Blob).ToImmutableArray();
        if (layers.Length is 0 or > OciLimits.LayersMax)
        {
            throw KindErrors.ImageRefused("its layers", $"1 to {OciLimits.LayersMax}", $"{layers.Length}");
        }
        if (!document.RootElement.TryGetProperty("config", out var named))
        {
            throw KindErrors.ImageRefused("the manifest", "a config", "none");
        }
        using var config = Parse(ReadBlob(Blob(named)), "the configuration");
        var ids = config.RootElement.TryGetProperty("rootfs", out var rootfs)
            ? Items(rootfs, "diff_ids").Select(d => Hex(d.GetString())).ToImmutableArray() : [];
        if (ids.Length != layers.Length)
        {
            throw KindErrors.ImageRefused("its configuration", $"{layers.Length} diff_ids", $"{ids.Length}");
        }
        return new OciImage(manifest.Digest, layers, ids, Env(config.RootElement));
    }

    /// <summary>Opens a blob; what is read from it is still to be compared with its digest.</summary>
    public FileStream Open(OciBlob blob)
    {
        var path = Path.Combine(folder, "blobs", "sha256", blob.Digest);
        // a layout is a stranger's folder: a link in it could lead to any file of ours
        var info = new FileInfo(path);
        if (!info.Exists || info.LinkTarget is not null || info.Length != blob.Size)
        {
            throw KindErrors.ImageRefused($"blob sha256:{blob.Digest}", $"a file of {blob.Size} bytes",
                !info.Exists ? "none" : info.LinkTarget is null ? $"{info.Length} bytes" : "a link");
        }
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
    }

    private OciBlob Choose(JsonElement index, bool nested)
    {
        var wanted = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        var all = Items(index, "manifests").ToList();
        var fitting = all.Where(m => !m.TryGetProperty("platform", out var platform)
            || (Text(platform, "os") == "linux" && Text(platform, "architecture") == wanted)).ToList();
        if (fitting.Count == 0)
        {
            throw KindErrors.ImageRefused("its index", $"a manifest for linux/{wanted}",
                $"{all.Count} others");
        }
        var blob = Blob(fitting[0]);
        if (blob.MediaType != Index)
        {
            return blob;
        }
        if (nested)
        {
            throw KindErrors.ImageRefused("its index", "at most one index within another", "more");
        }
        using var inner = Parse(ReadBlob(blob), "the inner index");
        return Choose(inner.RootElement, nested: true);
    }

    private byte[] ReadBlob(OciBlob blob)
    {
        if (blob.Size is < 0 or > OciLimits.DocumentBytesMax)
        {
            throw KindErrors.ImageRefused($"blob sha256:{blob.Digest}",
                $"a document of at most {OciLimits.DocumentBytesMax} bytes", $"{blob.Size}");
        }
        using var file = Open(blob);
        var bytes = new byte[blob.Size];
        file.ReadExactly(bytes);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return hash == blob.Digest ? bytes
            : throw KindErrors.ImageRefused("a document", $"sha256:{blob.Digest}", $"sha256:{hash}");
    }

    private static byte[] ReadFile(string path, string what)
    {
        var info = new FileInfo(path);
        return info.Exists && info.LinkTarget is null && info.Length <= OciLimits.DocumentBytesMax
            ? File.ReadAllBytes(path)
            : throw KindErrors.ImageRefused(what, $"a file of at most {OciLimits.DocumentBytesMax} bytes",
                "none, a link or a larger one");
    }

    private static OciBlob Blob(JsonElement descriptor) => new(Text(descriptor, "mediaType") ?? "",
        Hex(Text(descriptor, "digest")),
        descriptor.TryGetProperty("size", out var size) && size.TryGetInt64(out var bytes) ? bytes : -1);

    // the digest becomes a file name: nothing but its hex may pass
    private static string Hex(string? digest) => digest is not null && Digest().IsMatch(digest)
        ? digest["sha256:".Length..]
        : throw KindErrors.ImageRefused("a digest", "sha256: and 64 digits of hex", digest ?? "none");

    private static ImmutableArray<string> Env(JsonElement config) =>
        config.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.Object
            ? [.. Items(inner, "Env").Select(e => e.GetString() ?? "").Take(SpecRules.EnvMax)] : [];

    private static IEnumerable<JsonElement> Items(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var list)
        && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object
        && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString() : null;

    private static JsonDocument Parse(byte[] json, string what)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            throw KindErrors.ImageRefused(what, "JSON", "something else");
        }
    }

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
