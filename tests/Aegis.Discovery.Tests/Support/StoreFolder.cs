using System.Security.Cryptography.X509Certificates;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Discovery.Store;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests.Support;

/// <summary>A store in a folder of its own, with a hub to load from.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly List<IDisposable> hubs = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("aegis-store-").FullName;

    public ModelStore Open(long bytes = 1_000_000, int models = 20, TimeProvider? time = null,
        Action<string>? step = null, Func<string, long>? free = null, Func<string, Stream>? openHalf = null)
    {
        var options = new ModelStoreOptions(System.IO.Path.Combine(Path, "models"))
        {
            Bytes = bytes, Models = models,
        };
        options = free is null ? options : options with { BytesFree = free };
        return new ModelStore(openHalf is null ? options : options with { OpenHalf = openHalf },
            time ?? TimeProvider.System, step);
    }

    public ModelHub Hub(HubServer server, params X509Certificate2[] authorities)
    {
        var hub = new ModelHub(new ModelHubOptions(server.Url)
        {
            RetryAfter = TimeSpan.Zero, Authorities = [.. authorities],
        }, TimeProvider.System);
        hubs.Add(hub);
        return hub;
    }

    public void Dispose()
    {
        hubs.ForEach(hub => hub.Dispose());
        Directory.Delete(Path, recursive: true);
    }
}

internal static class Pulling
{
    /// <summary>Loads a model from beginning to end.</summary>
    public static async Task<StoredModel> PullAsync(this ModelHub hub, ModelStore store, string name,
        string? token = null, Action<long>? told = null)
    {
        var manifest = await hub.ManifestAsync(ModelName.Parse(name), "main", token, default);
        using var place = store.Begin(manifest);
        return await hub.LoadAsync(place, token, told ?? (_ => { }), default);
    }

    public static async Task<AegisError> RefusedAsync(Func<Task> act) =>
        (await Assert.ThrowsAsync<AegisException>(act)).Error;

    /// <summary>Puts a model of that many bytes into the store without a hub.</summary>
    public static StoredModel Put(this ModelStore store, string name, int bytes, int seed = 1)
    {
        var content = HubServer.Bytes(bytes, seed);
        var file = new ManifestFile("model.gguf", bytes, HubServer.Sha256(content));
        using var place = store.Begin(new ModelManifest(name, HubServer.Commit(name), [file]));
        using (var half = place.Open(file))
        {
            half.Write(content);
        }
        place.Finish(file);
        return place.FinishAll();
    }
}
