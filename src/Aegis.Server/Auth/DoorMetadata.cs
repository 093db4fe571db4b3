namespace Aegis.Server.Auth;

/// <summary>The scope that a door requires. A door without one, and without <see cref="OpenDoor"/>, lets
/// nobody in.</summary>
public sealed record ScopeRequirement(string Scope)
{
    /// <summary>Of a request: a scope may be of the queue that the address names.</summary>
    public string Of(HttpContext http) =>
        Scope == Scopes.OfQueue ? $"{Scopes.Queues}{http.Request.RouteValues["queue"]}" : Scope;
}

/// <summary>Works without a key: health, and the hooks, whose identity is a signature.</summary>
public sealed record OpenDoor;

/// <summary>Acts on the whole tenant: a tenant-wide key need not choose a project.</summary>
public sealed record TenantDoor;

public static class DoorMetadataExtensions
{
    public static TBuilder RequireScope<TBuilder>(this TBuilder door, string scope)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new ScopeRequirement(scope));

    public static TBuilder ForTenant<TBuilder>(this TBuilder door)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new TenantDoor());

    public static TBuilder WithoutIdentity<TBuilder>(this TBuilder door)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new OpenDoor());
}
