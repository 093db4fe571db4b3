using System.Text.Json;

namespace Aegis.Discovery.Programs;

/// <summary>The version of a program that is a file of an npm package: it stands in the package.json above
/// the file, so nothing need be started.</summary>
internal static class PackageVersion
{
    private const int FoldersUpMax = 4;
    private const int FileBytesMax = 256 * 1024;

    /// <summary>Null where no package.json of that package is found above.</summary>
    public static string? Of(string program, string package)
    {
        var file = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
        var folder = Path.GetDirectoryName(file);
        for (var up = 0; up < FoldersUpMax && folder is not null; up++)
        {
            if (Read(Path.Combine(folder, "package.json"), package) is { } version)
            {
                return version;
            }
            folder = Path.GetDirectoryName(folder);
        }
        return null;
    }

    private static string? Read(string path, string package)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= FileBytesMax })
            {
                return null;
            }
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && name.GetString() == package
                && root.TryGetProperty("version", out var version)
                && version.ValueKind == JsonValueKind.String
                ? version.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
