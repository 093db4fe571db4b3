using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Problems;

namespace Aegis.Server.Tenancies;

/// <summary>What a key of one project may not do, whatever its scopes.</summary>
internal static class TenantWide
{
    public static void Require(HttpContext http)
    {
        if (http.Caller().ProjectBound)
        {
            throw new AegisException(DoorErrors.TenancyDisagrees);
        }
    }
}
