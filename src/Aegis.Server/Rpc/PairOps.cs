using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Devices;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Devices;
using Aegis.Server.Problems;

namespace Aegis.Server.Rpc;

/// <summary>What a connection has asked to be paired with.</summary>
internal sealed record PairingState(Tenancy Tenancy, TenancyKeys Keys, string OfferId, string PairingId);

/// <summary>How a device gets a key: it shows the token of an offer, the one who offers is shown six digits,
/// the device sends them.</summary>
internal sealed class PairOps(RpcSession session)
{
    /// <summary>Says who a sealed connection is.</summary>
    public async Task AuthAsync(AuthParams request, RpcReply reply)
    {
        var cancel = session.Stopping;
        if (!session.Http.Caller().Principal.Scopes.IsEmpty)
        {
            throw new AegisException(RpcErrors.Malformed("this connection has said who it is", "one auth"));
        }
        if (await session.Parts.Keys.FindAsync(request.Key, cancel) is not { ProjectKey: { } project } key)
        {
            throw new AegisException(DoorErrors.NoIdentity);
        }
        var tenancy = new Tenancy(key.Tenant, key.Project!);
        session.Become(new Caller(new Principal($"key:{key.KeyId}", tenancy, [.. key.Scopes]),
            new TenancyKeys(key.TenantKey, project), true), request.Key);
        await reply.DoneAsync(json =>
        {
            json.WriteString("tenant", tenancy.Tenant);
            json.WriteString("project", tenancy.Project);
        });
    }

    public async Task InitAsync(PairInitParams request, RpcReply reply)
    {
        var cancel = session.Stopping;
        var caller = request.Token is { } token
            ? await PairingCaller.OfTokenAsync(token, session.Parts.Tenants, cancel)
                ?? throw new AegisException(DoorErrors.NoIdentity)
            : session.Http.Caller();
        if (request.Token is { } shown)
        {
            session.Become(caller, shown);
        }
        if (!caller.Principal.Actor.StartsWith("offer:", StringComparison.Ordinal)
            || caller.Keys is not { } keys)
        {
            throw new AegisException(DoorErrors.NoIdentity);
        }
        var offer = caller.Principal.Actor["offer:".Length..];
        var (kind, name) = (Printable(request.Device), Printable(request.Name ?? request.Device));
        var begun = await session.Parts.Devices.BeginAsync(keys, offer, kind, name, cancel)
            ?? throw new AegisException(PairingErrors.TooMany(DeviceTable.CodesMax, "codes"));
        session.Pairing = new PairingState(caller.Principal.Tenancy, keys, offer, begun.PairingId);
        await reply.DoneAsync(json =>
        {
            json.WriteString("pairing_id", begun.PairingId);
            json.WriteNumber("expires_in_ms", (long)DeviceTable.CodeLife.TotalMilliseconds);
            if (request.Nonce is { } nonce)
            {
                json.WriteString("nonce", nonce);
            }
        });
    }

    public async Task ConfirmAsync(PairConfirmParams request, RpcReply reply)
    {
        var pairing = session.Pairing ?? throw new AegisException(PairingErrors.Expired);
        var verdict = await session.Parts.Devices.ConfirmAsync(pairing.Tenancy, pairing.Keys, pairing.OfferId,
            pairing.PairingId, () => session.Parts.PairingCodes.IsRight(pairing.PairingId, request.Code),
            session.Stopping);
        if (verdict.Device is not { } device)
        {
            throw new AegisException(verdict.End switch
            {
                PairingEnd.WrongCode when verdict.TriesLeft > 0 => PairingErrors.WrongCode(verdict.TriesLeft),
                PairingEnd.WrongCode or PairingEnd.Locked => PairingErrors.Locked,
                _ => PairingErrors.Expired,
            });
        }
        session.Pairing = null;
        await reply.DoneAsync(json =>
        {
            json.WriteString("device_id", device.DeviceId);
            json.WriteString("key", device.Secret);
            json.WriteString("tenant", pairing.Tenancy.Tenant);
            json.WriteString("project", pairing.Tenancy.Project);
            json.WriteStartArray("scopes");
            foreach (var scope in device.Scopes)
            {
                json.WriteStringValue(scope);
            }
            json.WriteEndArray();
            json.WriteString("server_key", RpcSeal.ServerKey(session.Parts.Secrets.LinkKey()));
        });
    }

    private static string Printable(string text) => text.Any(char.IsControl)
        ? throw new AegisException(RpcErrors.Malformed("a name is malformed", "printable characters"))
        : text;
}
