namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Programs and servers of models on the server's machine.</summary>
    public Task<MachineDiscovery> DiscoverAsync(CancellationToken cancel = default) =>
        GetAsync("v1/discovery", ClientJson.Default.MachineDiscovery, cancel);

    /// <summary>Models of the hub whose names hold these words, those loaded most first.</summary>
    public Task<Listing<HubModel>> SearchHubModelsAsync(
        string query, int limit, CancellationToken cancel = default) =>
        GetAsync($"v1/hub-models?query={Escape(query)}&limit={limit}", ClientJson.Default.ListingHubModel,
            cancel);

    /// <summary>Models on the server's disk, and downloads.</summary>
    public Task<Listing<LocalModel>> ListLocalModelsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/local-models", ClientJson.Default.ListingLocalModel, cancel);

    /// <summary>Begins to load a model, or goes on with one that was cut; the list shows how far it
    /// is.</summary>
    public Task<LocalModel> PullModelAsync(PullModel model, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/local-models:pull", Body(model, ClientJson.Default.PullModel),
            ClientJson.Default.LocalModel, cancel);

    /// <summary>A pinned model is never thrown out to make room.</summary>
    public Task<LocalModel> PinModelAsync(string model, bool pinned, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/local-models:pin",
            Body(new PinModel(model, pinned), ClientJson.Default.PinModel), ClientJson.Default.LocalModel,
            cancel);

    /// <summary>Where a model's files are on the server's machine; counts as a use of it.</summary>
    public Task<StoredModelFiles> UseModelAsync(string model, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/local-models:use",
            Body(new NamedModel(model), ClientJson.Default.NamedModel), ClientJson.Default.StoredModelFiles,
            cancel);

    public Task RemoveModelAsync(string model, CancellationToken cancel = default) =>
        PostAsync("v1/local-models:remove", Body(new NamedModel(model), ClientJson.Default.NamedModel),
            cancel);
}

/// <summary>What of use is on a machine.</summary>
/// <param name="Missing">Known programs that are not installed.</param>
/// <param name="LeftOut">Folders of PATH in which nothing was looked for.</param>
/// <param name="ProfileSnippet">YAML that puts the servers of models into a profile.</param>
public sealed record MachineDiscovery(long TookMs, IReadOnlyList<DiscoveredProgram> Programs,
    IReadOnlyList<string> Missing, IReadOnlyList<string> LeftOut, IReadOnlyList<DiscoveredServer> Servers,
    string ProfileSnippet);

/// <param name="Kind">tool, model_backend or agent.</param>
/// <param name="Why">Why there is no version.</param>
/// <param name="Argv">A tool's first words; what starts a back-end; what takes an agent's prompt.</param>
/// <param name="Protocol">Of a back-end: openai or stdin.</param>
/// <param name="Prompt">Of an agent: stdin or argument.</param>
public sealed record DiscoveredProgram(string Name, string Kind, string Path, string? Version, string? Why,
    IReadOnlyList<string> Argv, string? Protocol, string? Address, string? Prompt, string Docs);

/// <param name="BaseUrl">Where it speaks OpenAI's protocol.</param>
/// <param name="More">Models beside those listed.</param>
public sealed record DiscoveredServer(string Name, int Port, string BaseUrl, string? Version, bool NeedsKey,
    IReadOnlyList<ServedModel> Models, int More, string Docs);

public sealed record ServedModel(string Name, long? Bytes);

/// <param name="Model">owner/name, or owner/name:file.</param>
/// <param name="Revision">A branch or a commit; main where null.</param>
/// <param name="TokenSecret">A secret of the project with a token for the hub.</param>
public sealed record PullModel(string Model, string? Revision = null, string? TokenSecret = null);

public sealed record PinModel(string Model, bool Pinned);

public sealed record NamedModel(string Model);

/// <param name="Status">ready, pulling, partial or failed.</param>
/// <param name="BytesThere">As much of it as was loaded.</param>
public sealed record LocalModel(string Model, string Status, string Revision, long Bytes, long BytesThere,
    bool Pinned, DateTimeOffset? PulledAt, DateTimeOffset? UsedAt, CallError? Error);

public sealed record StoredModelFiles(string Model, string Folder, IReadOnlyList<ModelFile> Files);

public sealed record ModelFile(string Path, long Bytes, string? Sha256);

/// <param name="Gated">A token of somebody who was let in is needed.</param>
public sealed record HubModel(
    string Model, string? Task, long Downloads, long Likes, bool Gated, DateTimeOffset? ChangedAt);
