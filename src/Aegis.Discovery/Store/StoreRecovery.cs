namespace Aegis.Discovery.Store;

/// <summary>
/// Makes index and folders agree after a kill at any moment. The folders are the truth: a model's folder is
/// only ever renamed into its place whole. The index adds what they do not say (pins, times). So a model that
/// has a folder and no entry was finished just before the kill and gets an entry; an entry without a whole
/// folder was being removed and goes; a half download of which every file was verified becomes a model.
/// </summary>
internal static class StoreRecovery
{
    public static List<StoredModel> Run(StoreDisk disk, DateTimeOffset now)
    {
        disk.Make();
        SettleHalves(disk, now);
        var index = disk.ReadIndex();
        var entries = (index is { Models.IsDefault: false } ? index.Models : []).DistinctBy(m => m.Model)
            .ToDictionary(m => m.Model, StringComparer.Ordinal);
        var models = new List<StoredModel>();
        foreach (var folder in Directory.EnumerateDirectories(disk.Models).ToList())
        {
            if (StoreDisk.ReadManifest(folder) is not { } manifest || !StoreDisk.IsWhole(folder, manifest))
            {
                disk.MoveToTrash(folder);
                continue;
            }
            var entry = entries.GetValueOrDefault(manifest.Model)
                ?? new IndexedModel(manifest.Model, false, now, now);
            models.Add(new StoredModel(manifest, entry.Pinned, entry.PulledAt, entry.UsedAt));
        }
        disk.EmptyTrash();
        return models;
    }

    /// <summary>Half downloads: those that only lack their place get it; those that nobody can go on with, or
    /// that nobody went on with for long, go.</summary>
    private static void SettleHalves(StoreDisk disk, DateTimeOffset now)
    {
        foreach (var folder in Directory.EnumerateDirectories(disk.Halves).ToList())
        {
            if (StoreDisk.ReadManifest(folder) is { } manifest && StoreDisk.IsWhole(folder, manifest))
            {
                disk.FinishModel(manifest.Name);
                continue;
            }
            var touched = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => new DateTimeOffset(File.GetLastWriteTimeUtc(f), TimeSpan.Zero))
                .DefaultIfEmpty(DateTimeOffset.MinValue).Max();
            if (StoreDisk.ReadManifest(folder) is null || now - touched > ModelStoreOptions.HalfKeptMax)
            {
                disk.MoveToTrash(folder);
            }
        }
    }
}
