using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Deployments;
using Aegis.Ledger.Deployments;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Deployments;

/// <summary>Deployments of the project: shown, and those of the target process steered. What makes them are
/// the tools deploy.*, in a run.</summary>
public static class DeploymentDoors
{
    private const int LogBytesDefault = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/deployments", http => ListAsync(http, parts)).RequireScope(Scopes.DeploymentsRead)
            .Describe("listDeployments", "Deployments of the project, by name",
                door => door.Page().Answers(DoorJson.Default.ListingDeploymentAnswer));
        routes.MapGet("/v1/deployments/{deployment}", http => GetAsync(http, parts))
            .RequireScope(Scopes.DeploymentsRead).WithEntityTag()
            .Describe("getDeployment", "A deployment: where it answers, what is served, its versions",
                door => door.Answers(DoorJson.Default.DeploymentAnswer));
        routes.MapGet("/v1/deployments/{deployment}/log", http => LogAsync(http, parts))
            .RequireScope(Scopes.DeploymentsRead)
            .Describe("getDeploymentLog", "The end of what its programs wrote, redacted", door => door
                .Number("bytes", "How much of the end.", 1, DeploymentLog.ReadBytesMax, LogBytesDefault)
                .AnswersRaw("text/plain").Refuses("AEGIS2664", "AEGIS2678"));
        routes.MapPost("/v1/deployments/{deployment}:rollback", http => RollBackAsync(http, parts))
            .RequireScope(Scopes.DeploymentsWrite)
            .Describe("rollBackDeployment", "Leads the address back to a served version", door => door
                .MayRead(DoorJson.Default.RollBackRequest).Answers(DoorJson.Default.DeploymentAnswer)
                .Refuses("AEGIS2663", "AEGIS2664", "AEGIS2666", "AEGIS2678"));
        routes.MapPost("/v1/deployments/{deployment}:stop", http => SteerAsync(http, parts,
                (desk, by, name, actor, cancel) => desk.StopAsync(by, name, actor, cancel)))
            .RequireScope(Scopes.DeploymentsWrite)
            .Describe("stopDeployment", "Ends its programs and closes its address", door => door
                .Answers(DoorJson.Default.DeploymentAnswer).Refuses("AEGIS2664", "AEGIS2678"));
        routes.MapPost("/v1/deployments/{deployment}:start", http => SteerAsync(http, parts,
                (desk, by, name, actor, cancel) => desk.StartAsync(by, name, actor, cancel)))
            .RequireScope(Scopes.DeploymentsWrite)
            .Describe("startDeployment", "Starts the version that was served last", door => door
                .Answers(DoorJson.Default.DeploymentAnswer)
                .Refuses("AEGIS2663", "AEGIS2664", "AEGIS2665", "AEGIS2666", "AEGIS2678"));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Deployments.ListAsync(
            http.ProjectKeys(), PageCursors.Read(http)?.Id, limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit,
            row => DeploymentAnswer.Of(row, parts.Deployments.HomeId), row => row.Name),
            DoorJson.Default.ListingDeploymentAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts) =>
        await WriteAsync(http, parts, await FindAsync(http, parts));

    private static async Task LogAsync(HttpContext http, DoorParts parts)
    {
        var row = await FindAsync(http, parts);
        var bytes = (int)Query.Number(http, "bytes", LogBytesDefault, 1, DeploymentLog.ReadBytesMax);
        var text = parts.DeploymentDesk.Log(http.Caller().Principal.Tenancy, row.Name, bytes)
            ?? throw (row.Target == DeploymentRow.Process ? DeploymentErrors.Elsewhere(row.Name)
                : DeploymentErrors.OtherTarget(row.Name, row.Target));
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted);
    }

    private static async Task RollBackAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadOrAsync(http, DoorJson.Default.RollBackRequest, new());
        await SteerAsync(http, parts, (desk, by, name, actor, cancel) =>
            desk.RollBackAsync(by, name, request.Release, actor, cancel));
    }

    private static async Task SteerAsync(HttpContext http, DoorParts parts,
        Func<DeploymentDesk, Tenancy, string, string, CancellationToken, ValueTask> act)
    {
        var (row, by) = (await FindAsync(http, parts), http.Caller().Principal);
        await act(parts.DeploymentDesk, by.Tenancy, row.Name, by.Actor, http.RequestAborted);
        await WriteAsync(http, parts, await FindAsync(http, parts));
    }

    private static async ValueTask WriteAsync(HttpContext http, DoorParts parts, DeploymentRow row)
    {
        var versions = await parts.Deployments.ReleasesAsync(
            http.ProjectKeys(), row.Name, http.RequestAborted);
        var well = parts.DeploymentDesk.Health(http.Caller().Principal.Tenancy, row.Name)
            .ToDictionary(s => s.Service, s => s.Well);
        var services = versions.FirstOrDefault(v => v.Id == row.Release)?.Spec.Services ?? [];
        await Body.WriteAsync(http, DeploymentAnswer.Of(row, parts.Deployments.HomeId) with
        {
            Services = [.. services.Select(s => new DeployedServiceAnswer(
                s.Name, s.Route, s.IsStatic, well.GetValueOrDefault(s.Name)))],
            Versions = [.. versions.Select(DeployedVersionAnswer.Of)],
        }, DoorJson.Default.DeploymentAnswer);
    }

    private static async ValueTask<DeploymentRow> FindAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "deployment");
        return await parts.Deployments.FindAsync(http.ProjectKeys(), name, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("deployment", name));
    }
}
