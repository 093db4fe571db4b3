using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Deployments.Sites;
using Aegis.Gate.Buckets;

namespace Aegis.Tools.Deploy;

/// <summary>What a bucket holds of a site, and how it becomes another release; see
/// <see cref="SiteChange"/> for the order.</summary>
internal sealed class SiteShelf(Bucket bucket, SiteNames names)
{
    private const int AtOnceMax = 8;
    private static readonly ObjectHeaders Kept = new("application/octet-stream", "private, no-store");
    private static readonly ObjectHeaders Note = new("application/json", "no-store");

    private ImmutableSortedDictionary<string, ListedObject> all =
        ImmutableSortedDictionary<string, ListedObject>.Empty;

    /// <summary>The release that is shown; null for none.</summary>
    public SiteManifest? Current { get; private set; }

    public async Task LookAsync(CancellationToken cancel)
    {
        all = await bucket.ListAsync(names.Prefix, SiteLimits.ObjectsMax, cancel);
        Current = await ManifestAsync(names.Current, cancel);
    }

    public SiteChange ChangeTo(ImmutableArray<SiteFile> files, bool prune) => SiteChange.Of(files,
        all.Values.Where(o => o.Key.StartsWith(names.Contents, StringComparison.Ordinal))
            .ToDictionary(o => o.Key[names.Contents.Length..], o => o.Bytes, StringComparer.Ordinal),
        all.Values.Where(o => !o.Key.StartsWith($"{names.Prefix}{SiteNames.Kept}/", StringComparison.Ordinal))
            .ToDictionary(o => o.Key[names.Prefix.Length..], o => o.Etag, StringComparer.Ordinal),
        Current, prune);

    /// <summary>A release that is kept; null for one that is not.</summary>
    public async Task<SiteManifest?> ReleaseAsync(string id, CancellationToken cancel) =>
        Current?.History.Contains(id) == true ? await ManifestAsync(names.Release(id), cancel) : null;

    public Task SendAsync(SiteChange change, Func<SiteFile, Stream> open, CancellationToken cancel) =>
        Parallel.ForEachAsync(change.Send, Options(cancel), async (file, stop) =>
        {
            await using var bytes = open(file);
            await bucket.PutAsync(names.Content(file.Sha256), bytes, Kept, stop);
        });

    /// <summary>Shows the release.</summary>
    public async Task<SiteManifest> ShowAsync(
        string release, SiteChange change, int keep, CancellationToken cancel)
    {
        var placed = new ConcurrentBag<PlacedFile>(change.Unchanged);
        await Parallel.ForEachAsync(change.Assets, Options(cancel),
            async (file, stop) => placed.Add(await PlaceAsync(file, stop)));
        foreach (var page in change.Pages)
        {
            placed.Add(await PlaceAsync(page, cancel));
        }
        var manifest = new SiteManifest(release, names.Name,
            [.. placed.OrderBy(f => f.Path, StringComparer.Ordinal)],
            [.. (Current?.History ?? []).Where(id => id != release).Prepend(release).Take(keep)],
            [.. change.Removed, .. change.Left]);
        await WriteAsync(names.Release(release), manifest, cancel);
        await WriteAsync(names.Current, manifest, cancel);
        return manifest;
    }

    /// <summary>Takes away what no release has any more; called when the new one is shown.</summary>
    public async Task TidyAsync(SiteManifest shown, SiteChange change, CancellationToken cancel)
    {
        var wanted = shown.Files.Select(f => f.Sha256).ToHashSet(StringComparer.Ordinal);
        foreach (var id in shown.History.Skip(1))
        {
            wanted.UnionWith((await ManifestAsync(names.Release(id), cancel))?.Files.Select(f => f.Sha256)
                ?? []);
        }
        var releases = shown.History.Select(names.Release).ToHashSet(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
        [
            .. change.Removed.Select(f => names.Live(f.Path)),
            .. all.Keys.Where(k => k.StartsWith(names.Contents, StringComparison.Ordinal)
                && !wanted.Contains(k[names.Contents.Length..])),
            .. all.Keys.Where(k => k.StartsWith(names.Releases, StringComparison.Ordinal)
                && !releases.Contains(k)),
        ], Options(cancel), async (key, stop) => await bucket.DeleteAsync(key, stop));
    }

    private async Task<PlacedFile> PlaceAsync(SiteFile file, CancellationToken cancel) =>
        new(file.Path, file.Sha256, file.Bytes, await bucket.CopyAsync(names.Content(file.Sha256),
            names.Live(file.Path), new ObjectHeaders(file.ContentType, file.CacheControl), cancel));

    private async Task<SiteManifest?> ManifestAsync(string key, CancellationToken cancel) =>
        await bucket.ReadAsync(key, SiteLimits.ManifestBytesMax, cancel) is { } json
            ? SiteManifest.FromJson(json) : null;

    private async Task WriteAsync(string key, SiteManifest manifest, CancellationToken cancel)
    {
        using var json = new MemoryStream(manifest.ToJson());
        await bucket.PutAsync(key, json, Note, cancel);
    }

    private static ParallelOptions Options(CancellationToken cancel) =>
        new() { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = cancel };
}
