using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;

namespace Aegis.Server.Auth;

/// <summary>Every request but health passes here: identity, then tenant and project, then the door's
/// scope.</summary>
public sealed class IdentityMiddleware(RequestDelegate next, KeyVerifier keys, InternalTokens tokens,
    TenantDirectory tenants, ILogger<IdentityMiddleware> log)
{
    private static readonly ImmutableHashSet<string> InternalScopes = [Scopes.RepoRead, Scopes.RepoWrite];

    public async Task InvokeAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<OpenDoor>() is not null)
        {
            await next(http);
            return;
        }
        var caller = await IdentifyAsync(http, endpoint);
        http.SetCaller(caller);
        if (endpoint is not RouteEndpoint)
        {
            // the framework's own endpoint for a wrong method is not a route
            var status = endpoint is null ? StatusCodes.Status404NotFound
                : StatusCodes.Status405MethodNotAllowed;
            await ProblemWriter.WriteAsync(http, status, DoorErrors.NoSuchDoor);
            return;
        }
        RequireScope(caller.Principal, endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Of(http));
        using var scope = log.BeginScope(LogScope.Of(http, caller.Principal.Tenancy));
        await next(http);
    }

    private async ValueTask<Caller> IdentifyAsync(HttpContext http, Endpoint? endpoint)
    {
        var cancel = http.RequestAborted;
        if (endpoint?.Metadata.GetMetadata<PairingDoor>() is not null
            && await PairingCaller.FindAsync(http, tenants, cancel) is { } pairing)
        {
            return pairing;
        }
        var token = Credentials.Read(http) ?? throw new AegisException(DoorErrors.NoIdentity);
        if (token.StartsWith(InternalTokens.Prefix, StringComparison.Ordinal))
        {
            return await InternalAsync(http, token, cancel);
        }
        var key = await keys.FindAsync(token, cancel) ?? throw new AegisException(DoorErrors.NoIdentity);
        var project = NamedTenancy.Of(http).Project(key);
        var principal = new Principal(
            $"key:{key.KeyId}", new Tenancy(key.Tenant, project ?? ""), [.. key.Scopes]);
        if (project is null)
        {
            return endpoint?.Metadata.GetMetadata<TenantDoor>() is not null || endpoint is not RouteEndpoint
                ? new Caller(principal, key.TenantKey, null, false)
                : throw new AegisException(DoorErrors.ProjectNotChosen);
        }
        var found = key.ProjectKey is { } bound
            ? new TenancyKeys(key.TenantKey, bound)
            : await tenants.ResolveAsync(principal.Tenancy, cancel)
                ?? throw new AegisException(DoorErrors.NotFound("project", project));
        return new Caller(principal, found, key.Project is not null);
    }

    private async ValueTask<Caller> InternalAsync(HttpContext http, string token, CancellationToken cancel)
    {
        if (tokens.Verify(token) is not { } tenancy
            || await tenants.ResolveAsync(tenancy, cancel) is not { } found)
        {
            throw new AegisException(DoorErrors.NoIdentity);
        }
        NamedTenancy.Of(http)
            .Project(new Identity("", tenancy.Tenant, found.Tenant, tenancy.Project, found.Project,
            []));
        return new Caller(new Principal("engine", tenancy, InternalScopes), found, true);
    }

    private static void RequireScope(Principal principal, string? scope)
    {
        var holds = scope switch
        {
            null => throw new AegisException(DoorErrors.NoSuchDoor),
            Scopes.Any => true,
            Scopes.Operator => principal.Scopes.Contains(Scopes.Operator),
            _ => principal.Holds(scope),
        };
        if (!holds)
        {
            throw new AegisException(DoorErrors.ScopeMissing(scope));
        }
    }
}
