namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>A connection to <c>/v1/rpc</c>, with this client's key and project.</summary>
    public Task<RpcConnection> OpenRpcAsync(CancellationToken cancel = default) =>
        RpcConnection.OpenAsync(Server, Token, null, ProjectId, cancel);

    /// <summary>Live terminals, the oldest first.</summary>
    public Task<Listing<LiveTerminal>> ListTerminalsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/terminals", ClientJson.Default.ListingLiveTerminal, cancel);

    /// <summary>Ends a terminal with all that runs in it.</summary>
    public async Task CloseTerminalAsync(string id, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(
            HttpMethod.Post, $"v1/terminals/{Escape(id)}:close", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    /// <summary>Offers to pair devices.</summary>
    public Task<PairingOffer> OfferPairingAsync(OfferPairing offer, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/pairings", Body(offer, ClientJson.Default.OfferPairing),
            ClientJson.Default.PairingOffer, cancel);

    /// <summary>An offer, with the codes of what asks to be paired.</summary>
    public Task<OpenOffer> GetPairingAsync(string id, CancellationToken cancel = default) =>
        GetAsync($"v1/pairings/{Escape(id)}", ClientJson.Default.OpenOffer, cancel);

    public async Task EndPairingAsync(string id, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(
            HttpMethod.Delete, $"v1/pairings/{Escape(id)}", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    public Task<Listing<Device>> ListDevicesAsync(CancellationToken cancel = default) =>
        ListAsync("v1/devices", ClientJson.Default.ListingDevice, cancel);

    /// <summary>Its key is worth nothing any more.</summary>
    public async Task RevokeDeviceAsync(string id, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(
            HttpMethod.Delete, $"v1/devices/{Escape(id)}", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}

/// <summary>A live terminal.</summary>
public sealed record LiveTerminal(string TerminalId, string Command, string Actor, DateTimeOffset OpenedAt,
    int Columns, int Rows, bool Attached, long OldestOffset, long EndOffset, bool Ended, int? ExitCode);

/// <param name="Token">What a device must show; made where null.</param>
/// <param name="Scopes">Of one's own; all where null.</param>
/// <param name="Lives">Milliseconds; an hour where null.</param>
public sealed record OfferPairing(string? Token = null, IReadOnlyList<string>? Scopes = null,
    long? Lives = null);

/// <param name="Credential">What a device sends as its bearer token.</param>
/// <param name="ServerKey">By which a device knows the server on sealed connections.</param>
public sealed record PairingOffer(string OfferId, string Token, string Credential, string ServerKey,
    IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt);

public sealed record OpenOffer(string OfferId, IReadOnlyList<string> Scopes, int TriesLeft, bool Locked,
    DateTimeOffset ExpiresAt, IReadOnlyList<AskedPairing> Pairings);

/// <param name="Code">Six digits; null where it was confirmed, or somebody else made the offer.</param>
public sealed record AskedPairing(string PairingId, string Device, string Name, string? Code, bool Confirmed,
    DateTimeOffset ExpiresAt);

public sealed record Device(string DeviceId, string KeyId, [property:
    System.Text.Json.Serialization.JsonPropertyName("device")] string Kind, string Name,
    IReadOnlyList<string> Scopes, string PairedBy, DateTimeOffset PairedAt, DateTimeOffset? RevokedAt);
