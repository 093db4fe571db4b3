using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Profiles;

/// <summary>The project's profile.yaml with the files that it names; every change is a new version.</summary>
public static class ProfileDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/profile", http => GetAsync(http, parts)).RequireScope(Scopes.ProfileRead)
            .WithEntityTag()
            .Describe("getProfile", "The project's newest profile",
                door => door.Answers(DoorJson.Default.ProfileAnswer));
        routes.MapPut("/v1/profile", http => PutAsync(http, parts)).RequireScope(Scopes.ProfileWrite)
            .WithEntityTag()
            .Describe("setProfile", "Makes a new version of the project's profile", door => door
                .Saying("One that changes the Auditor's rules needs approvals:write too, and is a fact.")
                .Reads(DoorJson.Default.SetProfileRequest).Answers(DoorJson.Default.ProfileAnswer)
                .Refuses("AEGIS2650", "AEGIS2654", "AEGIS4024", "AEGIS6040"));
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var profile = await parts.Profiles.NewestAsync(http.ProjectKeys(), http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("profile", "newest"));
        await Body.WriteAsync(http, ProfileAnswer.Of(profile), DoorJson.Default.ProfileAnswer);
    }

    private static async Task PutAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.SetProfileRequest);
        var files = request.Files ?? [];
        Check(files);
        parts.ProfileCheck?.Invoke(request.Yaml, files);
        var by = http.Caller().Principal.Actor;
        var version = await parts.Profiles.AddAsync(http.ProjectKeys(), request.Yaml,
            files.ToImmutableSortedDictionary(StringComparer.Ordinal), by, http.RequestAborted,
            http.Conditions().On<ProjectProfile>(p =>
                EntityTag.Of(ProfileAnswer.Of(p), DoorJson.Default.ProfileAnswer)),
            new RuleChange(request, http.Caller().Principal, parts.Time.GetUtcNow()).FactOf);
        parts.Secrets.FactWaits();
        parts.Engine?.Runs.ProfileStored(http.ProjectKeys(), version);
        parts.Engine?.Tools.Forget(http.Caller().Principal.Tenancy.Tenant);
        await Body.WriteAsync(http, new ProfileAnswer(version, request.Yaml, files, by, null),
            DoorJson.Default.ProfileAnswer);
    }

    private static void Check(Dictionary<string, string> files)
    {
        foreach (var name in files.Keys)
        {
            // the names are keys of a map, never paths of this host; still nothing that looks like leaving it
            if (name.Length is 0 or > DoorLimits.FileNameCharsMax || name.Any(char.IsControl)
                || name.StartsWith('/') || name.Split('/').Contains(".."))
            {
                throw new AegisException(DoorErrors.Malformed("a file's name is malformed",
                    "a relative path without ..", name));
            }
        }
    }
}

public sealed record SetProfileRequest : DoorRequest
{
    public required string Yaml { get; init; }

    [Items(0, DoorLimits.ProfileFilesMax)]
    public Dictionary<string, string>? Files { get; init; }

    /// <summary>Why the Auditor's rules change, where they do.</summary>
    [Chars(1, AuditRules.ReasonCharsMax)]
    public string? Reason { get; init; }
}

public sealed record ProfileAnswer(int Version, string Yaml, IReadOnlyDictionary<string, string> Files,
    string? CreatedBy, DateTimeOffset? CreatedAt)
{
    public static ProfileAnswer Of(ProjectProfile p) =>
        new(p.Version, p.Yaml, p.Files, p.CreatedBy, p.CreatedAt);
}
