namespace Aegis.Server.Aliases;

/// <summary>The documents' own addresses for doors of <c>/v1</c>. An alias is the canonical door's endpoint
/// under a second address: the same code, the same scope, whatever becomes of it. The OpenAPI document has
/// the canonical one only.</summary>
public static class AliasDoors
{
    private static readonly (string Method, string Alias, string Canonical)[] Aliases =
    [
        ("POST", "/workflows", "/v1/workflows"),
        ("GET", "/workflows", "/v1/workflows"),
        ("GET", "/workflows/{workflow}", "/v1/workflows/{workflow}"),
        ("POST", "/runs", "/v1/runs"),
        ("GET", "/runs", "/v1/runs"),
        ("GET", "/runs/{run}", "/v1/runs/{run}"),
        ("GET", "/ws", "/v1/rpc"),
        ("POST", "/spawn", "/v1/spawns"),
        ("GET", "/spawn/list", "/v1/spawns"),
        ("GET", "/spawn/{spawn}/status", "/v1/spawns/{spawn}"),
        ("GET", "/mcp/session/{session}", "/v1/chat/sessions/{session}"),
    ];

    /// <summary>After all other doors are mapped.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var doors = routes.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().ToList();
        foreach (var (method, alias, canonical) in Aliases)
        {
            var door = doors.Single(d => d.RoutePattern.RawText == canonical
                && d.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(method));
            routes.MapMethods(alias, [method], door.RequestDelegate!)
                .WithMetadata([.. door.Metadata.Where(m => m is not HttpMethodMetadata)])
                .WithMetadata(new AliasOf(canonical));
        }
    }
}

/// <summary>Marks a door that is another one's second address.</summary>
public sealed record AliasOf(string Canonical);
