using System.Collections.Immutable;
using System.Formats.Tar;
using System.Security.Cryptography;
using Aegis.Core.Deployments;
using Aegis.Core.Deployments.Sites;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Deploy;

/// <summary>A built site as it left its sandbox: one archive on this host, never unpacked. Its files are read
/// in place.</summary>
internal sealed class SiteArchive
{
    private readonly string path;
    private readonly IReadOnlyDictionary<string, long> offsets;

    private SiteArchive(
        string path, ImmutableArray<SiteFile> files, IReadOnlyDictionary<string, long> offsets) =>
        (this.path, Files, this.offsets) = (path, files, offsets);

    /// <summary>By path.</summary>
    public ImmutableArray<SiteFile> Files { get; }

    public static async ValueTask<(SiteArchive? Site, AegisError? Error)> ReadAsync(
        Execution execution, string folder, SiteNames names, CancellationToken cancel)
    {
        var (archive, error) = await TreeArchive.PackAsync(execution, folder, cancel);
        return archive is null ? (null, error) : await ReadAsync(archive, names, cancel);
    }

    /// <summary>A file's bytes.</summary>
    public Stream Open(SiteFile file) => new ArchiveSlice(path, offsets[file.Path], file.Bytes);

    private static async ValueTask<(SiteArchive?, AegisError?)> ReadAsync(
        string archive, SiteNames names, CancellationToken cancel)
    {
        var files = ImmutableArray.CreateBuilder<SiteFile>();
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var bytes = File.OpenRead(archive);
        await using var tar = new TarReader(bytes);
        while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (entry.EntryType == TarEntryType.Directory)
            {
                continue;
            }
            if ((names.Fault(name) ?? Fault(entry, name, files.Count)) is { } fault)
            {
                return (null, fault);
            }
            if (offsets.TryAdd(name, entry.DataOffset))
            {
                files.Add(new SiteFile(name, entry.DataStream is { } data
                    ? Convert.ToHexStringLower(await SHA256.HashDataAsync(data, cancel))
                    : Convert.ToHexStringLower(SHA256.HashData([])), entry.Length));
            }
        }
        return files.Count == 0
            ? (null, new AegisError("AEGIS2674", "the site has no files", "at least one", "none",
                "build into the folder in a step before, which this step needs"))
            : (new SiteArchive(archive,
                [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)], offsets), null);
    }

    private static AegisError? Fault(TarEntry entry, string name, int count) =>
        entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            ? Of($"{name} of the site is no file", "regular files: what a link leads to is no part of a site",
                entry.EntryType.ToString(), "put a copy there")
        : count >= SiteLimits.FilesMax
            ? Of("the site has too many files", $"at most {SiteLimits.FilesMax}", "more",
                "leave out what is not served")
        : entry.Length > SiteLimits.FileBytesMax
            ? Of($"{name} of the site is too large", $"at most {SiteLimits.FileBytesMax} bytes",
                $"{entry.Length}", "serve it from elsewhere")
        : null;

    private static AegisError Of(string message, string expected, string got, string mend) =>
        new("AEGIS2674", message, expected, got, mend);
}
