using System.Collections.Immutable;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.RepoMaps;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.RepoMaps;

/// <summary>The sources of a folder, as far as the limits go.</summary>
/// <param name="TreeHash">What git calls the tree of the folder's repository as it stands, uncommitted
/// changes included; null where it is none.</param>
/// <param name="Skipped">Sources beyond the limits, or that are no text.</param>
internal sealed record SourceListing(string? TreeHash, ImmutableArray<string> Paths, int Skipped);

/// <summary>Lists and reads the sources of a folder of the workspace: what git would commit, or every file
/// where there is no repository.</summary>
internal static class SourceReading
{
    public const int FilesMax = 5_000;
    public const int FileBytesMax = 256 * 1024;
    public const int TotalBytesMax = 48 << 20;
    private const int ListBytesMax = 16 << 20;

    // the index and the objects of git stay as they are: a copy takes what is new
    private const string ListScript = """
        cd -- "$1" 2>/dev/null || exit 44
        list() { xargs -0r stat --printf '%s %F/%n\0' -- 2>/dev/null; }
        if top=$(git rev-parse --show-toplevel 2>/dev/null) && [ "$top" != / ]; then
          objects=$(git rev-parse --git-path objects) index=$(git rev-parse --git-path index)
          (
            cp -- "$index" /tmp/aegis-index 2>/dev/null
            mkdir -p /tmp/aegis-objects
            export GIT_INDEX_FILE=/tmp/aegis-index GIT_OBJECT_DIRECTORY=/tmp/aegis-objects
            GIT_ALTERNATE_OBJECT_DIRECTORIES=$(readlink -f -- "$objects")
            export GIT_ALTERNATE_OBJECT_DIRECTORIES
            cd -- "$top" && git add -A >/dev/null 2>&1 && git write-tree 2>/dev/null || echo
          )
          git ls-files -coz --exclude-standard | list
        else
          echo
          find . \( -name .git -o -name node_modules -o -name .venv -o -name venv -o -name target \
            -o -name obj -o -name bin -o -name .aegis \) -prune -o -type f -printf '%P\0' | list
        fi
        exit 0
        """;

    private const string PackScript = """
        cd -- "$1" && tar --create --no-recursion --null --files-from=- --format=posix --ignore-failed-read
        """;

    public static async ValueTask<(SourceListing? Listing, AegisError? Error)> ListAsync(string folder,
        Execution execution, CancellationToken cancel)
    {
        var copy = Path.Combine(execution.ScratchDirectory, "sources.list");
        var listed = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(ListScript, folder), Timeout: FileAnswer.TimeMax, Quiet: true,
            StdoutFile: copy), cancel);
        if (FileAnswer.ErrorOf(listed, "repo.map", folder) is { } failed)
        {
            return (null, failed);
        }
        if (new FileInfo(copy).Length > ListBytesMax)
        {
            return (null, RepoMapErrors.Unreadable(folder, "more names than a map looks at"));
        }
        return (Choose(await File.ReadAllTextAsync(copy, cancel)), null);
    }

    public static async ValueTask<(ImmutableArray<SourceFile> Files, AegisError? Error)> ReadAsync(
        string folder, SourceListing listing, Execution execution, CancellationToken cancel)
    {
        if (listing.Paths.IsEmpty)
        {
            return ([], RepoMapErrors.Unreadable(folder, "no sources"));
        }
        var copy = Path.Combine(execution.ScratchDirectory, "sources.tar");
        var packed = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(PackScript, folder), Timeout: FileAnswer.TimeMax, Quiet: true,
            Stdin: Encoding.UTF8.GetBytes(string.Concat(listing.Paths.Select(p => p + "\0"))),
            StdoutFile: copy), cancel);
        if (FileAnswer.ErrorOf(packed, "repo.map", folder) is { } failed)
        {
            return ([], failed);
        }
        try
        {
            return (Unpack(copy), null);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            return ([], RepoMapErrors.Unreadable(folder, "its files changed while they were read"));
        }
    }

    private static SourceListing Choose(string listed)
    {
        var line = listed.IndexOf('\n', StringComparison.Ordinal);
        var hash = line <= 0 ? null : listed[..line];
        var (paths, skipped, total) = (ImmutableArray.CreateBuilder<string>(), 0, 0L);
        foreach (var entry in listed[(line + 1)..].Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(Parse).Where(e => e.Path.Length > 0 && IsSource(e.Path))
            .OrderBy(e => e.Path, StringComparer.Ordinal))
        {
            if (entry.Size > FileBytesMax || total + entry.Size > TotalBytesMax || paths.Count == FilesMax)
            {
                skipped++;
                continue;
            }
            total += entry.Size;
            paths.Add(entry.Path);
        }
        return new SourceListing(hash is { Length: >= 40 } && hash.All(char.IsAsciiHexDigitLower) ? hash
            : null, paths.ToImmutable(), skipped);
    }

    // `SIZE regular file/PATH`
    private static (long Size, string Path) Parse(string entry)
    {
        var space = entry.IndexOf(' ', StringComparison.Ordinal);
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        return space > 0 && slash > space
            && entry[(space + 1)..slash].StartsWith("regular", StringComparison.Ordinal)
            && long.TryParse(entry[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? (size, entry[(slash + 1)..]) : (0, "");
    }

    private static bool IsSource(string path) =>
        SourceFile.LanguageOf(path) != SourceLanguage.None
        || Path.GetFileName(path) is "go.mod" or "package.json" or "Cargo.toml" or "pyproject.toml"
            or "pom.xml" or "Dockerfile" or "README.md";

    private static ImmutableArray<SourceFile> Unpack(string file)
    {
        using var tar = new TarReader(File.OpenRead(file));
        var files = ImmutableArray.CreateBuilder<SourceFile>();
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || entry.Length > FileBytesMax)
            {
                continue;
            }
            // an empty file brings no stream
            using var reader = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
            var text = reader.ReadToEnd();
            if (!text.Contains('\0', StringComparison.Ordinal))
            {
                files.Add(new SourceFile(entry.Name, text));
            }
        }
        return files.ToImmutable();
    }
}
