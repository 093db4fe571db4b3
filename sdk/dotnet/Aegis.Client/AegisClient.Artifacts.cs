using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Last changed first; with a run or a task the versions that it made.</summary>
    public Task<ArtifactPage> ListArtifactsAsync(
        ArtifactQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new ArtifactQuery();
        var parameters = new[]
        {
            ("run", query.Run), ("task", query.Task), ("path_prefix", query.PathPrefix),
            ("status", query.Status), ("limit", query.Limit?.ToString()), ("cursor", query.Cursor),
        };
        return GetAsync("v1/artifacts?" + string.Join('&', parameters.Where(p => p.Item2 is not null)
            .Select(p => $"{p.Item1}={Escape(p.Item2!)}")), ClientJson.Default.ArtifactPage, cancel);
    }

    /// <summary>A version, or the newest.</summary>
    public Task<ArtifactDetail> GetArtifactAsync(
        string id, int? version = null, CancellationToken cancel = default) =>
        GetAsync($"v1/artifacts/{Escape(id)}{Version(version)}", ClientJson.Default.ArtifactDetail, cancel);

    /// <summary>The newest first.</summary>
    public Task<ArtifactPage> ListArtifactVersionsAsync(
        string id, string? cursor = null, CancellationToken cancel = default) =>
        GetAsync($"v1/artifacts/{Escape(id)}/versions"
            + (cursor is null ? "" : $"?cursor={Escape(cursor)}"), ClientJson.Default.ArtifactPage, cancel);

    /// <summary>Makes the next version. A refusal carries every error of the front matter.</summary>
    public Task<Artifact> PutArtifactAsync(PutArtifact artifact, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/artifacts", Body(artifact, ClientJson.Default.PutArtifact),
            ClientJson.Default.Artifact, cancel);

    /// <summary>Writes the stored bytes.</summary>
    public Task DownloadArtifactAsync(
        string id, int? version, Stream target, CancellationToken cancel = default) =>
        DownloadAsync($"v1/artifacts/{Escape(id)}/content{Version(version)}", target, cancel);

    /// <summary>A link that works without a key until it expires.</summary>
    /// <param name="expiresIn">Such as 15m; null for the server's default.</param>
    public Task<ArtifactDownloadLink> LinkArtifactAsync(string id, int? version = null,
        string? expiresIn = null, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/artifacts/{Escape(id)}:link",
            Body(new LinkArtifact(version, expiresIn), ClientJson.Default.LinkArtifact),
            ClientJson.Default.ArtifactDownloadLink, cancel);

    public Task<ArtifactVerdict> VerifyArtifactAsync(string id, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/artifacts/{Escape(id)}:verify", null,
            ClientJson.Default.ArtifactVerdict, cancel);

    /// <summary>The public keys that the project's artifacts are signed with.</summary>
    public Task<Listing<ArtifactKey>> ListArtifactKeysAsync(CancellationToken cancel = default) =>
        ListAsync("v1/artifact-keys", ClientJson.Default.ListingArtifactKey, cancel);

    private static string Version(int? version) => version is null ? "" : $"?version={version}";
}

/// <summary>Which artifacts; null is any.</summary>
public sealed record ArtifactQuery(string? Run = null, string? Task = null, string? PathPrefix = null,
    string? Status = null, int? Limit = null, string? Cursor = null);

/// <param name="Document">A .md, whose front matter stands inside the file.</param>
public sealed record Artifact(string ArtifactId, int Version, string Path, string MediaType, bool Document,
    string Status, long Bytes, string ContentHash, string? HashPrev, string HashCurr, string Signature,
    string KeyId, string Signer, string? TaskId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ArtifactDetail(Artifact Artifact, string FrontMatter, IReadOnlyList<ArtifactLink> Links,
    IReadOnlyDictionary<string, JsonElement> Extra);

public sealed record ArtifactLink(string Type, string Ref);

public sealed record ArtifactPage(IReadOnlyList<Artifact> Items, string? Next);

/// <summary>Exactly one of Content and ContentBase64.</summary>
/// <param name="ExpectedVersion">The newest version that this builds on, 0 for none.</param>
public sealed record PutArtifact(string Path, string? Content = null, string? ContentBase64 = null,
    string? Id = null, string? Status = null, IReadOnlyList<ArtifactLink>? Links = null,
    string? MediaType = null, int? ExpectedVersion = null);

public sealed record LinkArtifact(int? Version, string? ExpiresIn);

/// <param name="Path">On the server.</param>
public sealed record ArtifactDownloadLink(string Path, int Version, DateTimeOffset ExpiresAt);

public sealed record ArtifactVerdict(string ArtifactId, bool Ok, int From, int To,
    IReadOnlyList<ArtifactFault> Faults);

public sealed record ArtifactFault(string Code, string Message, string? Expected, string? Got);

/// <param name="PublicKey">PEM.</param>
public sealed record ArtifactKey(string KeyId, string PublicKey, DateTimeOffset CreatedAt);
