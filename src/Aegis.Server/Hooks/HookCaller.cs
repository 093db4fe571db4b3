using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Server.Json;
using Aegis.Server.Rooms;
using Aegis.Server.Workflows;

namespace Aegis.Server.Hooks;

/// <summary>Whom a call of a hook is for. The signature is its only identity, so nothing of what is looked up
/// here shows before it is right.</summary>
internal sealed record HookCaller(Tenancy Tenancy, TenancyKeys Keys)
{
    /// <summary>Finds the project and its secret, and has the body judged by it; AEGIS6060 for every way in
    /// which that can fail.</summary>
    public static async ValueTask<HookCaller> RequireAsync(
        HttpContext http, DoorParts parts, string secretName, Func<string, bool> isSigned)
    {
        var cancel = http.RequestAborted;
        var tenancy = new Tenancy(Query.Route(http, "tenant"), Query.Route(http, "project"));
        var keys = IdRule.IsValid(tenancy.Tenant) && IdRule.IsValid(tenancy.Project)
            ? await parts.Tenants.ResolveAsync(tenancy, cancel)
            : null;
        var secrets = keys is { } found
            ? await parts.Secrets.PeekAsync(tenancy, found, secretName, cancel)
            : [];
        // without a secret the same work is done against a key that nobody knows
        var signed = secrets.IsEmpty
            ? Never(isSigned)
            : secrets.FirstOrDefault(secret => isSigned(secret.Value));
        if (signed is null)
        {
            throw new AegisException(HookErrors.Unknown);
        }
        await parts.Secrets.UsedAsync(keys!.Value, signed, new SecretUse("hook", "hook"), cancel);
        return new HookCaller(tenancy, keys.Value);
    }

    private static OpenSecret? Never(Func<string, bool> isSigned)
    {
        _ = isSigned(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        return null;
    }
}
