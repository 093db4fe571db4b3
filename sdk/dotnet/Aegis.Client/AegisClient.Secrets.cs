namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Names, versions and fingerprints; no door reads a value back.</summary>
    public Task<Listing<Secret>> ListSecretsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/secrets", ClientJson.Default.ListingSecret, cancel);

    /// <summary>Stores a value of 1 to 65,536 bytes as a new version; those before end.</summary>
    public Task<Secret> SetSecretAsync(string name, string value, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Put, $"v1/secrets/{Escape(name)}",
            Body(new SetSecret(value), ClientJson.Default.SetSecret), ClientJson.Default.Secret, cancel);

    /// <summary>Stores a new version of a secret that is there; the one before stays valid for the
    /// overlap, such as 24h.</summary>
    public Task<Secret> RotateSecretAsync(
        string name, string value, string? overlap = null, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/secrets/{Escape(name)}:rotate",
            Body(new RotateSecret(value, overlap), ClientJson.Default.RotateSecret),
            ClientJson.Default.Secret, cancel);

    /// <summary>Says where the secret may be sent; none: wherever a step names it.</summary>
    public Task<Secret> BindSecretAsync(
        string name, IReadOnlyList<string> hosts, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/secrets/{Escape(name)}:bind",
            Body(new BindSecret(hosts), ClientJson.Default.BindSecret), ClientJson.Default.Secret, cancel);

    public Task DeleteSecretAsync(string name, CancellationToken cancel = default) =>
        DeleteAsync($"v1/secrets/{Escape(name)}", cancel);

    /// <summary>A new data key for the whole tenant; needs a tenant-wide key with admin:secrets.</summary>
    public Task<DataKey> RotateDataKeyAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/data-key:rotate", null, ClientJson.Default.DataKey, cancel);

    /// <summary>A new master key for the installation; for its operator.</summary>
    public Task<MasterKey> RotateMasterKeyAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/master-key:rotate", null, ClientJson.Default.MasterKey, cancel);

    private async Task DeleteAsync(string path, CancellationToken cancel)
    {
        using var reply = await SendAsync(HttpMethod.Delete, path, null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}

/// <summary>A secret without its value.</summary>
/// <param name="Fingerprint">Equal for equal values of one tenant.</param>
/// <param name="Hosts">Where it may be sent; none: wherever a step names it.</param>
/// <param name="PreviousUntil">Until when the version before is valid too.</param>
public sealed record Secret(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt,
    IReadOnlyList<string> Hosts, DateTimeOffset? PreviousUntil);

public sealed record SetSecret(string Value);

public sealed record RotateSecret(string Value, string? Overlap);

public sealed record BindSecret(IReadOnlyList<string> Hosts);

/// <param name="Resealed">Values and artifact keys that were sealed anew.</param>
public sealed record DataKey(int KeyVersion, int Resealed);

/// <param name="Generation">How many master keys the ledger had, this one included.</param>
public sealed record MasterKey(int Generation);
