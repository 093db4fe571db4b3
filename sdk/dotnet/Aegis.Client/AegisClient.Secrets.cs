namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Names, versions and fingerprints; no door reads a value back.</summary>
    public Task<Listing<Secret>> ListSecretsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/secrets", ClientJson.Default.ListingSecret, cancel);

    /// <summary>Stores a value of 1 to 65,536 bytes as a new version.</summary>
    public Task<Secret> SetSecretAsync(string name, string value, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Put, $"v1/secrets/{Escape(name)}",
            Body(new SetSecret(value), ClientJson.Default.SetSecret), ClientJson.Default.Secret, cancel);

    public Task DeleteSecretAsync(string name, CancellationToken cancel = default) =>
        DeleteAsync($"v1/secrets/{Escape(name)}", cancel);

    private async Task DeleteAsync(string path, CancellationToken cancel)
    {
        using var reply = await SendAsync(HttpMethod.Delete, path, null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}

/// <summary>A secret without its value.</summary>
/// <param name="Fingerprint">Equal for equal values of one server.</param>
public sealed record Secret(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt);

public sealed record SetSecret(string Value);
