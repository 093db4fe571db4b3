using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace Aegis.Sandbox;

/// <summary>One path that a layer changed.</summary>
/// <param name="Kind">As <c>find</c> says it: f file, d folder, l link, c a removed path (a whiteout), p,
/// s.</param>
/// <param name="Opaque">A folder that hides what is below it in lower layers (removed and made
/// again).</param>
internal sealed record LayerChange(char Kind, string Mode, long Size, string Target, bool Opaque)
{
    /// <summary>Whether both changes come to the same, as far as it shows without reading files.</summary>
    public bool MayEqual(LayerChange other) => (Kind, other.Kind) switch
    {
        ('d', 'd') => !Opaque && !other.Opaque,
        ('c', 'c') => true,
        ('l', 'l') => Target == other.Target,
        ('f', 'f') => Mode == other.Mode && Size == other.Size,
        _ => false,
    };
}

/// <summary>The paths that a layer changed, kept in a file beside it as NUL-ended pairs: a line of
/// tab-separated facts, then the path. Paths are bytes to the kernel: they travel as Latin-1 here, which
/// loses none.</summary>
internal static class LayerChanges
{
    /// <summary>Paths in one layer; a project with its packages has about 100,000.</summary>
    public const int PathsMax = 2_000_000;

    public const string ListScript = "find . -mindepth 1 -printf '%y\\t%m\\t%s\\t%l\\0%P\\0'";

    /// <summary>Opaque folders are marked by an attribute that no everyday tool prints; tar carries
    /// it.</summary>
    public const string OpaqueScript = """
        cd "$1" && find . -mindepth 1 -type d -print0 |
          tar --null --no-recursion --files-from=- --create --format=pax --file=- \
            --xattrs --xattrs-include=user.overlay.opaque
        """;

    /// <param name="pathsMax">Smaller for a test alone.</param>
    public static async Task<Dictionary<string, LayerChange>> ReadAsync(string file,
        CancellationToken cancel, int pathsMax = PathsMax)
    {
        var bytes = await File.ReadAllBytesAsync(file, cancel);
        var changes = new Dictionary<string, LayerChange>(StringComparer.Ordinal);
        var at = 0;
        while (at < bytes.Length)
        {
            var facts = Next(bytes, ref at).Split('\t', 4);
            var path = Next(bytes, ref at);
            if (facts[0] == "o")
            {
                changes[path] = changes[path] with { Opaque = true };
                continue;
            }
            changes[path] = new LayerChange(facts[0][0], facts[1],
                long.Parse(facts[2], CultureInfo.InvariantCulture), facts[3], Opaque: false);
            if (changes.Count > pathsMax)
            {
                throw new InvalidDataException($"a layer holds more than {pathsMax} paths");
            }
        }
        return changes;
    }

    /// <summary>The records to add for opaque folders.</summary>
    public static async Task<byte[]> OpaqueRecordsAsync(Stream tar, CancellationToken cancel)
    {
        using var records = new MemoryStream();
        await using var reader = new TarReader(tar);
        while (await reader.GetNextEntryAsync(cancellationToken: cancel) is { } entry)
        {
            if (entry is PaxTarEntry pax
                && pax.ExtendedAttributes.GetValueOrDefault("SCHILY.xattr.user.overlay.opaque") == "y")
            {
                records.Write(Encoding.UTF8.GetBytes($"o\t\t\t\0{entry.Name[2..].TrimEnd('/')}\0"));
            }
        }
        return records.ToArray();
    }

    private static string Next(byte[] bytes, ref int at)
    {
        var end = Array.IndexOf(bytes, (byte)0, at);
        var text = Encoding.Latin1.GetString(bytes, at, end - at);
        at = end + 1;
        return text;
    }
}
