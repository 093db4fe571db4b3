using System.Collections.Frozen;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Artifacts;

/// <summary>The stored bytes of artifacts: with a key, or by a signed link until it expires.</summary>
public static class ContentDoors
{
    // the artifact's own
    private const string AnyType = "*/*";

    // what no browser runs; anything else is sent as bytes
    private static readonly FrozenSet<string> SafeTypes = FrozenSet.ToFrozenSet(
    [
        "text/plain", "text/markdown", "text/csv", "application/json", "application/sarif+json", "image/png",
        "image/jpeg",
    ]);

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/artifacts/{artifact}/content", http => ContentAsync(http, parts))
            .RequireScope(Scopes.ArtifactsRead).WithEntityTag()
            .Describe("getArtifactContent", "The stored bytes of a version, as an attachment",
                door => Bytes(ArtifactDoors.OfVersion(door)).Refuses("AEGIS4065"));
        routes.MapPost("/v1/artifacts/{artifact}:link", http => LinkAsync(http, parts))
            .RequireScope(Scopes.ArtifactsRead)
            .Describe("linkArtifact", "Makes a link to a version that works without a key until it expires",
                door => door.MayRead(DoorJson.Default.LinkArtifactRequest)
                    .Answers(DoorJson.Default.DownloadLinkAnswer).Refuses("AEGIS6100"));
        routes.MapGet("/v1/downloads/{token}", http => DownloadAsync(http, parts)).WithoutIdentity()
            .WithEntityTag()
            .Describe("downloadArtifact", "What a link was made for",
                door => Bytes(door).Refuses("AEGIS6102"));
    }

    private static DoorDescription Bytes(DoorDescription door) => door
        .Header("Range", "A part of the bytes.")
        .AnswersRaw(AnyType).AnswersRaw(AnyType, StatusCodes.Status206PartialContent);

    private static async Task ContentAsync(HttpContext http, DoorParts parts)
    {
        var found = await ArtifactDoors.FindAsync(http, parts, ArtifactDoors.Version(http));
        var content = await parts.ArtifactDesk.OpenAsync(
            http.Caller().Principal.Tenancy, found.ArtifactId, found.Version, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("artifact", found.ArtifactId));
        await SendAsync(http, content);
    }

    private static async Task LinkAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.LinkArtifactRequest, new());
        var life = Life(request.ExpiresIn);
        var found = await ArtifactDoors.FindAsync(http, parts, request.Version);
        var expires = DateTimeOffset.FromUnixTimeSeconds((parts.Time.GetUtcNow() + life).ToUnixTimeSeconds());
        var token = parts.Links.Make(new DownloadClaim(
            http.Caller().Principal.Tenancy, found.ArtifactId, found.Version, expires));
        await Body.WriteAsync(http, new DownloadLinkAnswer($"/v1/downloads/{token}", found.Version, expires),
            DoorJson.Default.DownloadLinkAnswer);
    }

    private static TimeSpan Life(JsonElement? asked)
    {
        var life = asked is { } given ? DurationMember.Read(given) : DoorLimits.LinkLife;
        return life is { } found && found >= TimeSpan.FromSeconds(1) && found <= DoorLimits.LinkLifeMax
            ? found
            : throw new AegisException(ArtifactDoorErrors.LinkLife(asked?.GetRawText() ?? ""));
    }

    private static async Task DownloadAsync(HttpContext http, DoorParts parts)
    {
        ArtifactContent? content = null;
        if (parts.Links.Read(Query.Route(http, "token")) is { } claim)
        {
            try
            {
                content = await parts.ArtifactDesk.OpenAsync(
                    claim.Tenancy, claim.ArtifactId, claim.Version, http.RequestAborted);
            }
            catch (AegisException e) when (e.Error.Code is "AEGIS4065" or "AEGIS5025")
            {
                // the same answer as for a link that never was
            }
        }
        await SendAsync(http, content ?? throw new AegisException(ArtifactDoorErrors.NoDownload));
    }

    /// <summary>Always a file to keep, never a page to show: what it holds is a stranger's.</summary>
    private static async Task SendAsync(HttpContext http, ArtifactContent content)
    {
        await using var bytes = content.Bytes;
        var version = content.Version;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        // looked at here, so that a weak tag and a list are read as at every other door; ranges are .NET's
        var tag = new EntityTag(version.ContentHash);
        if (http.HasAlready(tag))
        {
            return;
        }
        var type = SafeTypes.Contains(version.MediaType) ? version.MediaType : ArtifactRules.UnknownType;
        await TypedResults.Stream(bytes, type, Path.GetFileName(version.Path), null,
            new EntityTagHeaderValue(tag.ToString()), enableRangeProcessing: true)
            .ExecuteAsync(http);
    }
}
