using Aegis.Core.Errors;
using Aegis.Server.Problems;

namespace Aegis.Server.OpenApi;

/// <summary>Refuses a query parameter that the door's description does not name: a filter with a slip of the
/// pen must not answer as if it were none.</summary>
public sealed class DescribedQuery(RequestDelegate next)
{
    // any request may say whose it is; Auth/NamedTenancy holds it against the key
    private static readonly string[] Everywhere = ["tenant_id", "project_id"];

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Request.QueryString.HasValue
            && http.GetEndpoint()?.Metadata.GetMetadata<DescribedDoor>() is { } door)
        {
            Check(http.Request.Query, door.Description);
        }
        return next(http);
    }

    private static void Check(IQueryCollection query, DoorDescription said)
    {
        var known = said.Parameters.Where(p => p.In == "query").Select(p => p.Name).ToList();
        foreach (var name in query.Keys)
        {
            if (!known.Contains(name) && !Everywhere.Contains(name))
            {
                throw new AegisException(DoorErrors.UnknownParameter(name, known));
            }
        }
    }
}
