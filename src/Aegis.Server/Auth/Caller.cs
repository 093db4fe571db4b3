using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;

namespace Aegis.Server.Auth;

/// <summary>Who a request comes from, as far as its door needs to know.</summary>
/// <param name="Keys">Null on a door of the whole tenant when no project was chosen.</param>
/// <param name="Tenant">The tenant's key in the ledger.</param>
/// <param name="ProjectBound">The key speaks for one project only.</param>
public sealed record Caller(Principal Principal, int Tenant, TenancyKeys? Keys, bool ProjectBound)
{
    public Caller(Principal principal, TenancyKeys keys, bool projectBound)
        : this(principal, keys.Tenant, keys, projectBound)
    {
    }
}

/// <summary>What the identity middleware leaves in <c>HttpContext.Items</c>.</summary>
public static class CallerItems
{
    /// <summary>An <see cref="Aegis.Gate.Principal"/>.</summary>
    public const string Principal = "aegis.principal";

    /// <summary>A <see cref="TenancyKeys"/>; absent where no project was chosen.</summary>
    public const string Keys = "aegis.keys";

    private const string CallerItem = "aegis.caller";

    public static void SetCaller(this HttpContext http, Caller caller)
    {
        http.Items[CallerItem] = caller;
        http.Items[Principal] = caller.Principal;
        if (caller.Keys is { } keys)
        {
            http.Items[Keys] = keys;
        }
    }

    public static Caller Caller(this HttpContext http) => (Caller)http.Items[CallerItem]!;

    /// <summary>Null where identity was not established.</summary>
    public static Caller? FindCaller(this HttpContext http) => (Caller?)http.Items[CallerItem];

    /// <summary>The project's keys; AEGIS6013 where none was chosen.</summary>
    public static TenancyKeys ProjectKeys(this HttpContext http) =>
        http.Caller().Keys ?? throw new AegisException(DoorErrors.ProjectNotChosen);
}
