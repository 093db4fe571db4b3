using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Store;

/// <summary>
/// The models on this machine: at most so many, and at most so many bytes of them. Room is made by throwing
/// out who was used longest ago, never one that is pinned, that another program has open, or that is being
/// loaded. One process has a store at a time: the server of the home.
/// </summary>
public sealed class ModelStore
{
    private const int IndexVersion = 1;

    private readonly Lock door = new();
    private readonly ModelStoreOptions options;
    private readonly TimeProvider time;
    private readonly StoreDisk disk;
    private readonly Dictionary<ModelName, StoredModel> models;
    private readonly Dictionary<ModelName, ModelManifest> loading = [];

    /// <summary>Opens a store, and puts right what a kill left.</summary>
    public ModelStore(ModelStoreOptions options, TimeProvider time)
        : this(options, time, null)
    {
    }

    internal ModelStore(ModelStoreOptions options, TimeProvider time, Action<string>? step)
    {
        (this.options, this.time) = (options, time);
        disk = new StoreDisk(options.Folder, step);
        models = StoreRecovery.Run(disk, time.GetUtcNow()).ToDictionary(m => m.Manifest.Name);
        WriteIndex();
    }

    public ModelStoreOptions Options => options;

    /// <summary>By name.</summary>
    public ImmutableArray<StoredModel> List()
    {
        lock (door)
        {
            return [.. models.Values.OrderBy(m => m.Manifest.Model, StringComparer.Ordinal)];
        }
    }

    /// <summary>Downloads that are not finished, by name.</summary>
    public ImmutableArray<HalfModel> Halves()
    {
        lock (door)
        {
            return [.. HalfManifests().OrderBy(m => m.Model, StringComparer.Ordinal)
                .Select(m => new HalfModel(m, StoreDisk.BytesThere(disk.HalfFolder(m.Name), m),
                    loading.ContainsKey(m.Name)))];
        }
    }

    public StoredModel? Find(ModelName name)
    {
        lock (door)
        {
            return models.GetValueOrDefault(name);
        }
    }

    /// <summary>A model's folder, for who is about to use it: that counts as a use.</summary>
    /// <exception cref="Core.Errors.AegisException">AEGIS2497.</exception>
    public (StoredModel Model, string Folder) Use(ModelName name) =>
        (Change(name, m => m with { UsedAt = time.GetUtcNow() }), disk.ModelFolder(name));

    /// <exception cref="Core.Errors.AegisException">AEGIS2497.</exception>
    public StoredModel Pin(ModelName name, bool pinned) => Change(name, m => m with { Pinned = pinned });

    /// <summary>Removes a model, pinned or not, or what of it was loaded.</summary>
    /// <exception cref="Core.Errors.AegisException">AEGIS2497, AEGIS2498.</exception>
    public void Remove(ModelName name)
    {
        lock (door)
        {
            if (loading.ContainsKey(name))
            {
                throw StoreErrors.Busy(name, "it is being loaded");
            }
            var half = Directory.Exists(disk.HalfFolder(name));
            if (!models.TryGetValue(name, out var model) && !half)
            {
                throw StoreErrors.NotThere(name);
            }
            if (model is not null && IsOpen(model))
            {
                throw StoreErrors.Busy(name, "another program has it open");
            }
            if (half)
            {
                disk.MoveToTrash(disk.HalfFolder(name));
            }
            if (model is not null)
            {
                Forget(model);
                WriteIndex();
            }
            disk.EmptyTrash();
        }
    }

    /// <summary>Makes room for a model and keeps it; what of it was loaded before is still there.</summary>
    /// <exception cref="Core.Errors.AegisException">AEGIS2493, AEGIS2496, AEGIS2498.</exception>
    internal ModelPlace Begin(ModelManifest manifest)
    {
        lock (door)
        {
            var name = manifest.Name;
            if (loading.ContainsKey(name))
            {
                throw StoreErrors.Busy(name, "it is being loaded");
            }
            MakeRoom(manifest);
            var folder = disk.HalfFolder(name);
            if (Directory.Exists(folder) && StoreDisk.ReadManifest(folder) is var before
                && (before?.Revision != manifest.Revision || !before.Files.SequenceEqual(manifest.Files)))
            {
                disk.MoveToTrash(folder);
                disk.EmptyTrash();
            }
            CheckDisk(manifest, folder);
            disk.BeginHalf(manifest);
            loading.Add(name, manifest);
            return new ModelPlace(this, disk, manifest, options.OpenHalf);
        }
    }

    internal StoredModel Finish(ModelManifest manifest)
    {
        lock (door)
        {
            var (name, now) = (manifest.Name, time.GetUtcNow());
            disk.FinishModel(name);
            var pinned = models.TryGetValue(name, out var before) && before.Pinned;
            var model = models[name] = new StoredModel(manifest, pinned, now, now);
            loading.Remove(name);
            WriteIndex();
            disk.EmptyTrash();
            return model;
        }
    }

    internal void Leave(ModelName name)
    {
        lock (door)
        {
            loading.Remove(name);
        }
    }

    private StoredModel Change(ModelName name, Func<StoredModel, StoredModel> change)
    {
        lock (door)
        {
            if (!models.TryGetValue(name, out var model))
            {
                throw StoreErrors.NotThere(name);
            }
            var changed = models[name] = change(model);
            WriteIndex();
            return changed;
        }
    }

    private void MakeRoom(ModelManifest manifest)
    {
        var plan = StoreRoom.Plan(manifest, options, models.Values, loading.Values,
            [.. HalfManifests().Where(m => !loading.ContainsKey(m.Name) && m.Name != manifest.Name)
                .Select(m => (m, StoreDisk.BytesThere(disk.HalfFolder(m.Name), m)))], IsOpen);
        foreach (var half in plan.Halves)
        {
            disk.MoveToTrash(disk.HalfFolder(half.Name));
        }
        foreach (var model in plan.Models)
        {
            Forget(model);
        }
        if (!plan.Models.IsEmpty)
        {
            WriteIndex();
        }
        disk.EmptyTrash();
    }

    private void CheckDisk(ModelManifest manifest, string folder)
    {
        var needed = manifest.Bytes - StoreDisk.BytesThere(folder, manifest);
        if (options.BytesFree(options.Folder) is var free && free < needed)
        {
            throw StoreErrors.DiskFull(needed, free);
        }
    }

    private void Forget(StoredModel model)
    {
        disk.MoveToTrash(disk.ModelFolder(model.Manifest.Name));
        models.Remove(model.Manifest.Name);
    }

    private bool IsOpen(StoredModel model) =>
        StoreDisk.IsOpenElsewhere(disk.ModelFolder(model.Manifest.Name), model.Manifest);

    private IEnumerable<ModelManifest> HalfManifests() =>
        Directory.EnumerateDirectories(disk.Halves).Select(StoreDisk.ReadManifest).OfType<ModelManifest>();

    private void WriteIndex() => disk.WriteIndex(new StoreIndex(IndexVersion,
        [.. models.Values.OrderBy(m => m.Manifest.Model, StringComparer.Ordinal)
            .Select(m => new IndexedModel(m.Manifest.Model, m.Pinned, m.PulledAt, m.UsedAt))]));
}
