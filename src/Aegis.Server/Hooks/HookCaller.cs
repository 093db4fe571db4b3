using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Errors;
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
        var secret = keys is { } found
            ? await parts.Secrets.FindAsync(tenancy, found, secretName, cancel)
            : null;
        // without a secret the same work is done against a key that nobody knows
        var signed = isSigned(secret ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        return signed && secret is not null
            ? new HookCaller(tenancy, keys!.Value)
            : throw new AegisException(HookErrors.Unknown);
    }
}
