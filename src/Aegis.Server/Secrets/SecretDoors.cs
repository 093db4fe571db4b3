using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Secrets;

/// <summary>The project's secrets: set, named, deleted. No door reads a value back.</summary>
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
            .Describe("setSecret", "Makes a new version of a secret", door => door
                .Reads(DoorJson.Default.SetSecretRequest).Answers(DoorJson.Default.SecretAnswer)
                .Refuses("AEGIS4042", "AEGIS4043", "AEGIS4044", "AEGIS4047"));
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
        var found = await parts.Secrets.DescribeAsync(http.ProjectKeys(), name, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("secret", name));
        await Body.WriteAsync(http, SecretAnswer.Of(found), DoorJson.Default.SecretAnswer);
    }

    private static async Task SetAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.SetSecretRequest);
        var by = http.Caller().Principal;
        var stored = await parts.Secrets.SetAsync(by.Tenancy, http.ProjectKeys(), Query.Route(http, "secret"),
            request.Value, by.Actor, http.RequestAborted, http.Conditions().On<SecretListing>(Tag));
        await Body.WriteAsync(http, SecretAnswer.Of(stored), DoorJson.Default.SecretAnswer);
    }

    private static async Task DeleteAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "secret");
        if (!await parts.Secrets.DeleteAsync(http.ProjectKeys(), name, http.RequestAborted,
            http.Conditions().On<SecretListing>(Tag)))
        {
            throw new AegisException(DoorErrors.NotFound("secret", name));
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static EntityTag Tag(SecretListing secret) =>
        EntityTag.Of(SecretAnswer.Of(secret), DoorJson.Default.SecretAnswer);
}

public sealed record SetSecretRequest : DoorRequest
{
    public required string Value { get; init; }
}

public sealed record SecretAnswer(string Name, int Version, string Fingerprint, DateTimeOffset UpdatedAt)
{
    public static SecretAnswer Of(SecretListing s) => new(s.Name, s.Version, s.Fingerprint, s.UpdatedAt);
}
