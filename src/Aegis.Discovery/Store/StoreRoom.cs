using System.Collections.Immutable;

namespace Aegis.Discovery.Store;

/// <summary>What must go so that a model fits: half downloads first, then who was used longest ago. Where it
/// cannot fit, nothing goes.</summary>
internal sealed record StoreRoom(ImmutableArray<StoredModel> Models, ImmutableArray<ModelManifest> Halves)
{
    /// <param name="loading">Downloads that run: their whole room is theirs.</param>
    /// <param name="halves">Those that nobody goes on with, and what is there of them.</param>
    /// <exception cref="Core.Errors.AegisException">AEGIS2493.</exception>
    public static StoreRoom Plan(ModelManifest wanted, ModelStoreOptions options,
        IReadOnlyCollection<StoredModel> models, IReadOnlyCollection<ModelManifest> loading,
        IReadOnlyList<(ModelManifest Manifest, long Bytes)> halves, Func<StoredModel, bool> isOpen)
    {
        CheckAlone(wanted, options);
        var others = models.Where(m => m.Manifest.Name != wanted.Name).ToList();
        // one that is there already and is loaded anew keeps its place until the new one takes it
        var before = models.Where(m => m.Manifest.Name == wanted.Name).Sum(m => m.Manifest.Bytes);
        var bytes = wanted.Bytes + before + loading.Sum(l => l.Bytes)
            + others.Sum(m => m.Manifest.Bytes) + halves.Sum(h => h.Bytes);
        var count = 1 + others.Count + loading.Count(l => others.All(m => m.Manifest.Name != l.Name));
        var (goingHalves, going) = (ImmutableArray.CreateBuilder<ModelManifest>(),
            ImmutableArray.CreateBuilder<StoredModel>());
        foreach (var (manifest, there) in halves.TakeWhile(_ => bytes > options.Bytes))
        {
            goingHalves.Add(manifest);
            bytes -= there;
        }
        foreach (var model in others.OrderBy(m => m.UsedAt).ThenBy(m => m.Manifest.Model,
            StringComparer.Ordinal))
        {
            if (bytes <= options.Bytes && count <= options.Models)
            {
                break;
            }
            if (!model.Pinned && loading.All(l => l.Name != model.Manifest.Name) && !isOpen(model))
            {
                going.Add(model);
                (bytes, count) = (bytes - model.Manifest.Bytes, count - 1);
            }
        }
        return bytes <= options.Bytes && count <= options.Models
            ? new StoreRoom(going.ToImmutable(), goingHalves.ToImmutable())
            : throw StoreErrors.TooLarge(wanted.Name, "what is pinned, in use or being loaded leaves no room",
                $"at most {options.Models} models of {StoreErrors.Bytes(options.Bytes)} together",
                $"{count} models of {StoreErrors.Bytes(bytes)}",
                "unpin or remove one (aegis models local list), or allow more (AEGIS_MODELS_BYTES)");
    }

    private static void CheckAlone(ModelManifest wanted, ModelStoreOptions options)
    {
        if (wanted.Bytes > options.Bytes)
        {
            var ggufs = wanted.Files.Where(f => f.Path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
                && f.Bytes <= options.Bytes).Select(f => f.Path).Take(20).ToList();
            throw StoreErrors.TooLarge(wanted.Name, "it alone is larger than all that is kept",
                $"at most {StoreErrors.Bytes(options.Bytes)}", StoreErrors.Bytes(wanted.Bytes),
                wanted.Files.Length > 1 && ggufs.Count > 0
                    ? $"pull one of its files: {wanted.Name}:FILE, FILE one of {string.Join(", ", ggufs)}"
                    : "choose a smaller one, or allow more (AEGIS_MODELS_BYTES)");
        }
    }
}
