using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Repositories;

/// <summary>The project's repositories. Content comes by git push to the clone URL.</summary>
public static class RepositoryDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/repos", http => ListAsync(http, parts)).RequireScope(Scopes.RepoRead)
            .Describe("listRepositories", "The project's repositories",
                door => door.Page().Answers(DoorJson.Default.ListingRepositoryAnswer));
        routes.MapPost("/v1/repos", http => CreateAsync(http, parts)).RequireScope(Scopes.RepoWrite)
            .Describe("createRepository", "Makes an empty repository; content comes by git push", door => door
                .Reads(DoorJson.Default.NewIdRequest)
                .Answers(DoorJson.Default.RepositoryAnswer, StatusCodes.Status201Created).Idempotent()
                .Refuses("AEGIS2202"));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var found = await Forge(parts).ListAsync(Tenancy(http), http.RequestAborted);
        await Listings.WriteAsync(http, found, r => Answer(http, r), r => r.Name,
            DoorJson.Default.ListingRepositoryAnswer);
    }

    private static async Task CreateAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.NewIdRequest);
        var made = await Forge(parts).CreateAsync(Tenancy(http), request.Id, http.RequestAborted);
        await Body.WriteAsync(http, Answer(http, made), DoorJson.Default.RepositoryAnswer,
            StatusCodes.Status201Created);
    }

    private static Tenancy Tenancy(HttpContext http)
    {
        _ = http.ProjectKeys();
        return http.Caller().Principal.Tenancy;
    }

    private static RepositoryRoom Forge(DoorParts parts) =>
        parts.Repositories ?? throw new AegisException(DoorErrors.NotReady("forge", "this server has none"));

    // the address that the caller used is the one that works for it
    private static RepositoryAnswer Answer(HttpContext http, RepositoryEntry entry) =>
        new(entry.Name, entry.DefaultBranch, $"{http.Request.Scheme}://{http.Request.Host}{entry.ClonePath}");
}

public sealed record RepositoryAnswer(string Name, string? DefaultBranch, string CloneUrl);
