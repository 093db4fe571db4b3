using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Secrets;

/// <summary>The project's secrets: set, rotated, bound, named, deleted. No door reads a value back.</summary>
public static class SecretDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/secrets", http => ListAsync(http, parts)).RequireScope(Scopes.SecretsRead)
            .Describe("listSecrets", "The project's secrets by name; never a value",
                door => door.Page().Answers(DoorJson.Default.ListingSecretAnswer));
        routes.MapGet("/v1/secrets/{secret}", http => GetAsync(http, parts))
            .RequireScope(Scopes.SecretsRead).WithEntityTag()
            .Describe("getSecret", "A secret by name; never its value",
                door => door.Answers(DoorJson.Default.SecretAnswer));
        routes.MapPut("/v1/secrets/{secret}", http => SetAsync(http, parts))
            .RequireScope(Scopes.SecretsWrite).WithEntityTag()
            .Describe("setSecret", "Makes a new version of a secret; those before end", door => door
                .Reads(DoorJson.Default.SetSecretRequest).Answers(DoorJson.Default.SecretAnswer)
                .Refuses("AEGIS4042", "AEGIS4043", "AEGIS4044", "AEGIS4047"));
        routes.MapPost("/v1/secrets/{secret}:rotate", http => RotateAsync(http, parts))
            .RequireScope(Scopes.SecretsWrite)
            .Describe("rotateSecret", "Makes a new version and leaves the one before valid for a while",
                door => door.Reads(DoorJson.Default.RotateSecretRequest)
                    .Answers(DoorJson.Default.SecretAnswer).Refuses("AEGIS4042", "AEGIS4043", "AEGIS4205"));
        routes.MapPost("/v1/secrets/{secret}:bind", http => BindAsync(http, parts))
            .RequireScope(Scopes.SecretsWrite)
            .Describe("bindSecret", "Says to which hosts a secret may be sent", door => door
                .Reads(DoorJson.Default.BindSecretRequest).Answers(DoorJson.Default.SecretAnswer)
                .Refuses("AEGIS4203", "AEGIS4204"));
        routes.MapDelete("/v1/secrets/{secret}", http => DeleteAsync(http, parts))
            .RequireScope(Scopes.SecretsWrite).WithEntityTag()
            .Describe("deleteSecret", "Deletes a secret with all its versions",
                door => door.Answers(StatusCodes.Status204NoContent));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Secrets.ListAsync(
            http.ProjectKeys(), http.RequestAborted, PageCursors.Read(http)?.Id, limit + 1);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, SecretAnswer.Of, s => s.Name),
            DoorJson.Default.ListingSecretAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "secret");
        await WriteAsync(http,
            await parts.Secrets.DescribeAsync(http.ProjectKeys(), name, http.RequestAborted), name);
    }

    private static async Task SetAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.SetSecretRequest);
        var (by, name) = (http.Caller().Principal, Query.Route(http, "secret"));
        await WriteAsync(http, await parts.Secrets.SetAsync(by.Tenancy, http.ProjectKeys(), name,
            request.Value, by.Actor, http.RequestAborted, http.Conditions().On<SecretListing>(Tag)), name);
    }

    private static async Task RotateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.RotateSecretRequest);
        var (by, name) = (http.Caller().Principal, Query.Route(http, "secret"));
        // what is no duration is out of bounds as well
        var overlap = request.Overlap is { } given
            ? DurationMember.Read(given) ?? TimeSpan.MaxValue : TimeSpan.Zero;
        await WriteAsync(http, await parts.Secrets.RotateAsync(by.Tenancy, http.ProjectKeys(), name,
            request.Value, overlap, by.Actor, http.RequestAborted), name);
    }

    private static async Task BindAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.BindSecretRequest);
        var name = Query.Route(http, "secret");
        await WriteAsync(http, await parts.Secrets.BindAsync(http.ProjectKeys(), name,
            [.. request.Hosts], http.Caller().Principal.Actor, http.RequestAborted), name);
    }

    private static async Task DeleteAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "secret");
        if (!await parts.Secrets.DeleteAsync(http.ProjectKeys(), name, http.Caller().Principal.Actor,
            http.RequestAborted, http.Conditions().On<SecretListing>(Tag)))
        {
            throw new AegisException(DoorErrors.NotFound("secret", name));
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task WriteAsync(HttpContext http, SecretListing? found, string name) => found is null
        ? throw new AegisException(DoorErrors.NotFound("secret", name))
        : Body.WriteAsync(http, SecretAnswer.Of(found), DoorJson.Default.SecretAnswer);

    private static EntityTag Tag(SecretListing secret) =>
        EntityTag.Of(SecretAnswer.Of(secret), DoorJson.Default.SecretAnswer);
}
