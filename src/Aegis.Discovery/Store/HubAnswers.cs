using System.Text.Json;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Store;

/// <summary>Reads the hub's answers. Nothing that it says is believed to lead out of a folder, and a file
/// without a hash is none that could be checked.</summary>
internal static class HubAnswers
{
    /// <exception cref="Core.Errors.AegisException">AEGIS2491, AEGIS2492.</exception>
    public static ModelManifest Manifest(ModelName name, JsonElement answer)
    {
        if (Text(answer, "sha") is not { Length: 40 } commit || !commit.All(char.IsAsciiHexDigit)
            || !answer.TryGetProperty("siblings", out var siblings)
            || siblings.ValueKind != JsonValueKind.Array)
        {
            throw StoreErrors.BadAnswer("it names no commit, or no files");
        }
        var files = siblings.EnumerateArray()
            .Where(s => name.File is null ? !IsOfGit(Text(s, "rfilename"))
                : Text(s, "rfilename") == name.File)
            .Select(File).OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        return files.Count switch
        {
            0 => throw StoreErrors.Refused(
                name.File is null ? $"file of {name}" : $"file {name.File} in {name.Repository}", 404),
            > ModelManifest.FilesMax => throw StoreErrors.BadAnswer(
                $"it names more than {ModelManifest.FilesMax} files"),
            _ => new ModelManifest(name.ToString(), commit, [.. files]),
        };
    }

    public static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long Number(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    // what git needs and no model does
    private static bool IsOfGit(string? path) => path is ".gitattributes" or ".gitignore";

    private static ManifestFile File(JsonElement sibling)
    {
        var path = Text(sibling, "rfilename") ?? "";
        if (!ModelName.IsPath(path) || path == StoreDisk.ManifestName
            || path.EndsWith(StoreDisk.HalfEnding, StringComparison.Ordinal))
        {
            throw StoreErrors.BadAnswer("it names a file that cannot be kept");
        }
        var large = sibling.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var bytes = large ? Number(lfs, "size") : Number(sibling, "size");
        var sha = large ? Hex(Text(lfs, "sha256") ?? Text(lfs, "oid"), 64) : null;
        var blob = sha is null ? Hex(Text(sibling, "blobId") ?? Text(sibling, "oid"), 40) : null;
        return bytes is >= 0 and <= ModelStoreOptions.ConfiguredBytesMax && (sha ?? blob) is not null
            ? new ManifestFile(path, bytes, sha, blob)
            : throw StoreErrors.BadAnswer($"it states no length or no hash of {path}");
    }

    private static string? Hex(string? text, int length) =>
        text is not null && text.Length == length && text.All(char.IsAsciiHexDigit)
            ? text.ToLowerInvariant() : null;
}
