using System.Collections.Immutable;

namespace Aegis.Core.Deployments.Sites;

/// <summary>
/// What brings a bucket from what it shows to a release. The contents are sent first, under their hashes,
/// where no page leads to them; then each file is copied to its place within the bucket, what pages lead to
/// before the pages; removals come last. So whoever looks meanwhile sees the old page with the old files, or
/// the new page with the new ones.
/// </summary>
/// <param name="Send">Contents that the bucket does not have, each once.</param>
/// <param name="Assets">To be put in place first, in any order.</param>
/// <param name="Pages">To be put in place then, in this order.</param>
/// <param name="Unchanged">Stand as they should.</param>
/// <param name="Removed">To be taken away last.</param>
/// <param name="Left">Of earlier releases, and to stay.</param>
public sealed record SiteChange(ImmutableArray<SiteFile> Send, ImmutableArray<SiteFile> Assets,
    ImmutableArray<SiteFile> Pages, ImmutableArray<PlacedFile> Unchanged, ImmutableArray<PlacedFile> Removed,
    ImmutableArray<PlacedFile> Left)
{
    public bool IsEmpty => Send.IsEmpty && Assets.IsEmpty && Pages.IsEmpty && Removed.IsEmpty;

    /// <param name="sent">The contents that the bucket has: hash to bytes. A store that died may have kept
    /// half of one.</param>
    /// <param name="live">What stands below the prefix now, path to its ETag.</param>
    /// <param name="before">What was put there last; null for nothing.</param>
    public static SiteChange Of(ImmutableArray<SiteFile> files, IReadOnlyDictionary<string, long> sent,
        IReadOnlyDictionary<string, string> live, SiteManifest? before, bool prune)
    {
        var placed = (before?.Files ?? []).ToDictionary(f => f.Path, StringComparer.Ordinal);
        bool Stands(PlacedFile file) =>
            file.Etag is not null && live.GetValueOrDefault(file.Path) == file.Etag;
        var unchanged = files.Select(f => placed.GetValueOrDefault(f.Path) is { } was
                && was.Sha256 == f.Sha256 && Stands(was) ? was : null)
            .OfType<PlacedFile>().ToImmutableArray();
        var standing = unchanged.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var moved = files.Where(f => !standing.Contains(f.Path)).ToList();
        var names = files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        // what somebody wrote over since is somebody's, and no longer this site's
        var old = placed.Values.Concat(before?.Left ?? []).Where(f => !names.Contains(f.Path) && Stands(f))
            .DistinctBy(f => f.Path).OrderBy(f => f.Path, StringComparer.Ordinal).ToImmutableArray();
        return new SiteChange(
            [.. files.Where(f => sent.GetValueOrDefault(f.Sha256, -1) != f.Bytes).DistinctBy(f => f.Sha256)],
            [.. moved.Where(f => !WebFiles.IsPage(f.Path))],
            [.. moved.Where(f => WebFiles.IsPage(f.Path)).OrderByDescending(f => f.Path.Count(c => c == '/'))
                .ThenBy(f => f.Path is "index.html" or "index.htm")
                .ThenBy(f => f.Path, StringComparer.Ordinal)],
            unchanged, prune ? old : [], prune ? [] : old);
    }
}
