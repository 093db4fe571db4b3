using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Reads;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Artifacts;

/// <summary>Artifacts: listed, looked at, put, verified.</summary>
public static class ArtifactDoors
{
    private static readonly string[] Statuses = ArtifactAnswer.Statuses.Split(' ');

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/artifacts", http => ListAsync(http, parts)).RequireScope(Scopes.ArtifactsRead)
            .Describe("listArtifacts", "The newest versions of artifacts, last changed first", door => door
                .Text("run", "Only versions that this run made.")
                .Text("task", "Only versions that this task made.")
                .Text("path_prefix", "Only paths that begin so.")
                .Choice("status", "Only those with this status.", Statuses).Page()
                .Answers(DoorJson.Default.ListingArtifactAnswer));
        routes.MapPost("/v1/artifacts", http => PutAsync(http, parts)).RequireScope(Scopes.ArtifactsWrite)
            .Describe("putArtifact", "Makes the next version of an artifact", door => door
                .Saying("docs/artifacts.md has the front matter that a document (.md) may begin with.")
                .Reads(DoorJson.Default.PutArtifactRequest)
                .Answers(DoorJson.Default.ArtifactAnswer, StatusCodes.Status201Created).Idempotent()
                .Refuses("AEGIS1161", "AEGIS1166", "AEGIS4060", "AEGIS4064", "AEGIS6101", "AEGIS6103"));
        routes.MapGet("/v1/artifact-keys", http => KeysAsync(http, parts)).RequireScope(Scopes.ArtifactsRead)
            .Describe("listArtifactKeys", "The public keys that the project's artifacts are signed with",
                door => door.Page().Answers(DoorJson.Default.ListingArtifactKeyAnswer));
        routes.MapGet("/v1/artifacts/{artifact}", http => GetAsync(http, parts))
            .RequireScope(Scopes.ArtifactsRead).WithEntityTag()
            .Describe("getArtifact", "A version with its front matter", door => OfVersion(door)
                .Answers(DoorJson.Default.ArtifactDetailAnswer));
        routes.MapGet("/v1/artifacts/{artifact}/versions", http => VersionsAsync(http, parts))
            .RequireScope(Scopes.ArtifactsRead)
            .Describe("listArtifactVersions", "An artifact's versions, newest first", door => door.Page()
                .Answers(DoorJson.Default.ListingArtifactAnswer));
        routes.MapPost("/v1/artifacts/{artifact}:verify", http => VerifyAsync(http, parts))
            .RequireScope(Scopes.ArtifactsRead)
            .Describe("verifyArtifact", "Looks at hashes, signatures, content and chain of the versions",
                door => door.Answers(DoorJson.Default.ArtifactVerdictAnswer));
    }

    internal static DoorDescription OfVersion(DoorDescription door) =>
        door.Number("version", "Which version; left out for the newest.", 1, int.MaxValue);

    /// <summary>The version that the query names, or the newest.</summary>
    internal static async ValueTask<ArtifactVersion> FindAsync(
        HttpContext http, DoorParts parts, int? version)
    {
        var id = Query.Route(http, "artifact");
        return await parts.Artifacts.FindAsync(http.ProjectKeys(), id, version, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("artifact", id));
    }

    internal static int? Version(HttpContext http) => Query.Text(http, "version") is null
        ? null
        : (int)Query.Number(http, "version", 1, 1, int.MaxValue);

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var filter = new ArtifactFilter(Query.Text(http, "run"), Query.Text(http, "task"),
            Query.Text(http, "path_prefix"), Query.Choice(http, "status", Statuses));
        var found = await parts.Artifacts.ListAsync(
            http.ProjectKeys(), filter, PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, ArtifactAnswer.Of, a => (a.UpdatedAt, a.ArtifactId)),
            DoorJson.Default.ListingArtifactAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var found = await FindAsync(http, parts, Version(http));
        await Body.WriteAsync(
            http, ArtifactDetailAnswer.Of(found), DoorJson.Default.ArtifactDetailAnswer);
    }

    private static async Task VersionsAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        await FindAsync(http, parts, null);
        var found = await parts.Artifacts.VersionsAsync(http.ProjectKeys(), Query.Route(http, "artifact"),
            Below(PageCursors.Read(http)), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, ArtifactAnswer.Of,
            a => (a.UpdatedAt, a.Version.ToString(CultureInfo.InvariantCulture))),
            DoorJson.Default.ListingArtifactAnswer);
    }

    private static int? Below(PageCursor? cursor) => cursor is not { } after ? null
        : int.TryParse(after.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
        : throw new AegisException(DoorErrors.Malformed("cursor is malformed", "next of the page before"));

    private static async Task PutAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.PutArtifactRequest);
        using var content = new MemoryStream(Content(request));
        var made = await parts.ArtifactDesk.PutAsync(http.Caller().Principal, new ArtifactPut(request.Id,
            request.Path, content, request.Status, Links(request), request.MediaType,
            ExpectedVersion: request.ExpectedVersion), http.RequestAborted);
        http.Response.Headers.Location = $"/v1/artifacts/{made.ArtifactId}?version={made.Version}";
        await Body.WriteAsync(http, ArtifactAnswer.Of(made), DoorJson.Default.ArtifactAnswer,
            StatusCodes.Status201Created);
    }

    private static ImmutableArray<ArtifactLink>? Links(PutArtifactRequest request) =>
        request.Links is { } links ? [.. links.Select(l => new ArtifactLink(l.Type, l.Ref))] : null;

    private static byte[] Content(PutArtifactRequest request)
    {
        if (request.Content is null == request.ContentBase64 is null)
        {
            throw new AegisException(ArtifactDoorErrors.Content(request.Content is null ? "none" : "both"));
        }
        if (request.Content is { } text)
        {
            return Encoding.UTF8.GetBytes(text);
        }
        var bytes = new byte[request.ContentBase64!.Length];
        return Convert.TryFromBase64String(request.ContentBase64, bytes, out var count)
            ? bytes[..count]
            : throw new AegisException(ArtifactDoorErrors.Content("content_base64 that is no base64"));
    }

    private static async Task VerifyAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "artifact");
        await FindAsync(http, parts, null);
        var verdict = await parts.ArtifactDesk.VerifyAsync(
            http.Caller().Principal.Tenancy, id, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("artifact", id));
        await Body.WriteAsync(
            http, ArtifactVerdictAnswer.Of(verdict), DoorJson.Default.ArtifactVerdictAnswer);
    }

    private static async Task KeysAsync(HttpContext http, DoorParts parts)
    {
        var found = await parts.ArtifactKeys.ListAsync(http.ProjectKeys(), http.RequestAborted);
        await Listings.WriteAsync(http, found, ArtifactKeyAnswer.Of, k => k.KeyId,
            DoorJson.Default.ListingArtifactKeyAnswer);
    }
}
