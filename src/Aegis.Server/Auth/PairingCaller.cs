using Aegis.Gate;
using Aegis.Ledger.Tenants;

namespace Aegis.Server.Auth;

/// <summary>Who comes to a <see cref="PairingDoor"/> without a key. Neither of the two holds a scope, so they
/// can do nothing that a scope guards.</summary>
internal static class PairingCaller
{
    private static readonly Caller Nameless =
        new(new Principal("nameless", new Core.Tenancy("", ""), []), 0, null, false);

    /// <summary>The holder of a pairing token, or a sealed connection that will say inside who it is; null
    /// for everybody else.</summary>
    public static async ValueTask<Caller?> FindAsync(
        HttpContext http, TenantDirectory tenants, CancellationToken cancel)
    {
        var token = Credentials.Read(http);
        return token is null
            ? http.WebSockets.IsWebSocketRequest && http.WebSockets.WebSocketRequestedProtocols.Contains(
                PairingDoor.SealedProtocol) ? Nameless : null
            : await OfTokenAsync(token, tenants, cancel);
    }

    /// <summary>Null for what is no valid token of an offer.</summary>
    public static async ValueTask<Caller?> OfTokenAsync(
        string token, TenantDirectory tenants, CancellationToken cancel) =>
        PairingToken.Read(token) is { } offer
        && await tenants.FindOfferAsync(offer.OfferId, offer.Sha256, cancel) is var (tenancy, keys)
            ? new Caller(new Principal($"offer:{offer.OfferId}", tenancy, []), keys, true)
            : null;
}
