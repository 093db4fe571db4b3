using System.Collections.Immutable;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Quality;

// The repository is hostile: nothing of it is opened on the host. A first command lists the files, a second
// one packs the small ones into a tar that is read here as a stream of names and bytes, never unpacked.

/// <summary>The files under review: what git would commit (tracked, or new and not ignored), or all files
/// where there is no git repository.</summary>
/// <param name="Unread">Files too large to be looked into.</param>
internal sealed record ReviewTree(string Cwd, ImmutableArray<ReviewFile> Files, int Unread)
{
    public const int FilesMax = 20_000;
    public const int ReadFileBytesMax = 1024 * 1024;
    public const long ReadBytesMax = 128 * 1024 * 1024;

    private const int ListBytesMax = 16 * 1024 * 1024;
    private const int NoFolder = 44;

    private const string List = """
        cd -- "$1" 2>/dev/null || exit 44
        set -o pipefail
        git -c safe.directory='*' -c core.fsmonitor=false ls-files -z --cached --others --exclude-standard \
            --deduplicate 2>/dev/null | xargs -0 -r stat --printf '%F\t%s\t%n\0' -- 2>/dev/null
        [ "${PIPESTATUS[0]}" = 0 ] && exit 0
        find . \( -name .git -o -name node_modules -o -name .venv -o -name venv -o -name __pycache__ \) \
            -prune -o -type f -printf 'regular file\t%s\t%P\0'
        """;

    private const string Pack = """
        cd -- "$1" && tar --create --no-recursion --null --files-from=- --ignore-failed-read \
            --hard-dereference --format=pax 2>/dev/null; exit 0
        """;

    public IReadOnlySet<string> Kinds { get; } =
        Files.Select(file => file.Kind).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>What a report says of files that were not looked into; null where all were.</summary>
    public static string? UnreadReason(int unread) => unread > 0
        ? $"{unread} files were not read (over {ReadFileBytesMax} bytes, or gone)" : null;

    public ImmutableArray<ReviewFile> Of(string kind) => [.. Files.Where(file => file.Kind == kind)];

    /// <summary>Lists and reads; each small file's text is handed to the reader.</summary>
    public static async ValueTask<(ReviewTree? Tree, AegisError? Error)> ReadAsync(string cwd,
        ImmutableArray<string> paths, Execution execution, Action<string, string> reader,
            CancellationToken cancel)
    {
        var listed = await execution.SandboxAsync(
            new SandboxCommand(["bash", "-c", List, "bash", cwd], Quiet: true,
            CaptureBytesMax: ListBytesMax, Timeout: TimeSpan.FromMinutes(2)), cancel);
        if (listed.ExitCode == NoFolder)
        {
            return (null, ReviewErrors.NoFolder(cwd));
        }
        if (!listed.Ok)
        {
            return (null, ReviewErrors.NotListed(OutputText.LastLine(listed)));
        }
        var files = Parse(listed.StdoutText, paths);
        if (files.Count is 0 or > FilesMax || listed.StdoutBytes > ListBytesMax)
        {
            return (null, files.Count == 0 ? ReviewErrors.NoFiles() : ReviewErrors.TooManyFiles(FilesMax));
        }
        return (await LookAsync(cwd, files, execution, reader, cancel), null);
    }

    private static List<ReviewFile> Parse(string listed, ImmutableArray<string> paths)
    {
        var files = new List<ReviewFile>();
        foreach (var entry in listed.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = entry.Split('\t', 3);
            if (fields is [var type, var size, var path]
                && type.StartsWith("regular", StringComparison.Ordinal)
                && (paths.IsEmpty || paths.Any(below => IsBelow(path, below)))
                && long.TryParse(size, CultureInfo.InvariantCulture, out var bytes))
            {
                files.Add(new ReviewFile(path, bytes));
            }
        }
        return files;
    }

    private static bool IsBelow(string path, string folder)
    {
        var prefix = folder.TrimEnd('/');
        prefix = prefix.StartsWith("./", StringComparison.Ordinal) ? prefix[2..] : prefix;
        return prefix is "" or "." || path == prefix
            || path.StartsWith(prefix + "/", StringComparison.Ordinal);
    }

    private static async ValueTask<ReviewTree> LookAsync(string cwd, List<ReviewFile> files,
        Execution execution,
        Action<string, string> reader, CancellationToken cancel)
    {
        var room = ReadBytesMax;
        var small = files.Where(file => file.Bytes <= ReadFileBytesMax && (room -= file.Bytes) >= 0)
            .ToDictionary(file => file.Path, StringComparer.Ordinal);
        var pack = Path.Combine(execution.ScratchDirectory, "review.tar");
        await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Pack, "bash", cwd], Quiet: true,
            Stdin: Encoding.UTF8.GetBytes(string.Concat(small.Keys.Select(path => path + '\0'))),
            StdoutFile: pack, Timeout: TimeSpan.FromMinutes(5)), cancel);
        var seen = new Dictionary<string, ReviewFile>(StringComparer.Ordinal);
        await using (var stream = File.OpenRead(pack))
        {
            await foreach (var (path, text) in TextsAsync(stream, cancel))
            {
                if (small.TryGetValue(path, out var file)
                    && seen.TryAdd(path, file.WithKind(FirstLine(text))))
                {
                    reader(path, text);
                }
            }
        }
        File.Delete(pack);
        var all = files.Select(file => seen.GetValueOrDefault(file.Path) ?? file.WithKind(null))
            .ToImmutableArray();
        return new ReviewTree(cwd, all, files.Count - seen.Count);
    }

    private static async IAsyncEnumerable<(string Path, string Text)> TextsAsync(Stream stream,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var tar = new TarReader(stream);
        while (await NextAsync(tar, cancel) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                var bytes = new byte[Math.Min(entry.Length, ReadFileBytesMax)];
                var read = entry.DataStream is null ? 0
                    : await entry.DataStream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false,
                        cancel);
                yield return (entry.Name, Encoding.UTF8.GetString(bytes, 0, read));
            }
        }
    }

    // A tar that breaks off leaves the rest unread, and an unread file is counted.
    private static async ValueTask<TarEntry?> NextAsync(TarReader tar, CancellationToken cancel)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancel);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return null;
        }
    }

    private static string? FirstLine(string text)
    {
        var end = text.AsSpan(0, Math.Min(text.Length, 256)).IndexOf('\n');
        return end < 0 ? text.Length <= 256 ? text : null : text[..end];
    }
}
