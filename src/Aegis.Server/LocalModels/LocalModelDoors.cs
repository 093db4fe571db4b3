using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Ledger.Secrets;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.LocalModels;

/// <summary>The models on the server's disk, and the hub that they come from. They are the machine's, which
/// tenants share: the operator loads and removes them.</summary>
public static class LocalModelDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/hub-models", http => SearchAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("searchHubModels", "Models of the hub, those loaded most first", door => door
                .Text("query", "Part of a name.").Limit().Answers(DoorJson.Default.ListingHubModelAnswer)
                .Refuses("AEGIS2490", "AEGIS2491", "AEGIS2492", "AEGIS2495"));
        routes.MapGet("/v1/local-models", http => ListAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("listLocalModels", "Models on the server's disk, and downloads",
                door => door.Page().Answers(DoorJson.Default.ListingLocalModelAnswer));
        routes.MapPost("/v1/local-models:pull", http => PullAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("pullModel", "Begins to load a model, or goes on with one that was cut", door => door
                .Saying("It answers once the hub has said what the model consists of; the list shows how far "
                    + "it is.")
                .Reads(DoorJson.Default.PullModelRequest)
                .Answers(DoorJson.Default.LocalModelAnswer, StatusCodes.Status202Accepted)
                .Refuses("AEGIS2490", "AEGIS2491", "AEGIS2492", "AEGIS2493", "AEGIS2495", "AEGIS2496",
                    "AEGIS2498", "AEGIS2499", "AEGIS4206", "AEGIS6013"));
        routes.MapPost("/v1/local-models:pin", http => PinAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("pinModel", "Pins a model, so that it is never thrown out, or takes its pin off",
                door => door.Reads(DoorJson.Default.PinModelRequest)
                    .Answers(DoorJson.Default.LocalModelAnswer).Refuses("AEGIS2497", "AEGIS2499"));
        routes.MapPost("/v1/local-models:use", http => UseAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("useModel", "Says where a model's files are, and counts that as a use of it",
                door => door.Reads(DoorJson.Default.NamedModelRequest)
                    .Answers(DoorJson.Default.ModelFilesAnswer).Refuses("AEGIS2497", "AEGIS2499"));
        routes.MapPost("/v1/local-models:remove", http => RemoveAsync(http, parts))
            .RequireScope(Scopes.Operator).ForTenant()
            .Describe("removeModel", "Removes a model, or what was loaded of one",
                door => door.Reads(DoorJson.Default.NamedModelRequest)
                    .Answers(StatusCodes.Status204NoContent)
                    .Refuses("AEGIS2497", "AEGIS2498", "AEGIS2499"));
    }

    private static async Task SearchAsync(HttpContext http, DoorParts parts)
    {
        var found = await parts.Machine.Hub.SearchAsync(
            Query.Text(http, "query") ?? "", Query.Limit(http), null, http.RequestAborted);
        await Listings.WriteAsync(http, ([.. found.Select(HubModelAnswer.Of)], null),
            DoorJson.Default.ListingHubModelAnswer);
    }

    private static Task ListAsync(HttpContext http, DoorParts parts) => Listings.WriteAsync(http,
        parts.Machine.Models(), m => m, m => m.Model, DoorJson.Default.ListingLocalModelAnswer);

    private static async Task PullAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.PullModelRequest);
        var name = ModelName.Parse(request.Model);
        var token = request.TokenSecret is { } secret ? await TokenAsync(http, parts, secret) : null;
        await parts.Machine.Pulls.StartAsync(
            name, request.Revision ?? "main", token, http.RequestAborted);
        await Body.WriteAsync(http, parts.Machine.Models().First(m => m.Model == name.ToString()),
            DoorJson.Default.LocalModelAnswer, StatusCodes.Status202Accepted);
    }

    /// <summary>A recorded use of the project's secret, which may be bound to the hub's host.</summary>
    private static async ValueTask<string> TokenAsync(HttpContext http, DoorParts parts, string name)
    {
        var by = http.Caller().Principal;
        var hub = parts.Options.ModelHub;
        var opened = await parts.Secrets.UseAsync(by.Tenancy, http.ProjectKeys(), name,
            new SecretUse(by.Actor, "model hub", hub.IdnHost), http.RequestAborted,
            EgressTarget.Of(hub, "GET"));
        return opened?.Value ?? throw new AegisException(DoorErrors.NotFound("secret", name));
    }

    private static async Task PinAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.PinModelRequest);
        var model = parts.Machine.Store.Pin(ModelName.Parse(request.Model), request.Pinned);
        await Body.WriteAsync(http, LocalModelAnswer.Of(model), DoorJson.Default.LocalModelAnswer);
    }

    private static async Task UseAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.NamedModelRequest);
        var (model, folder) = parts.Machine.Store.Use(ModelName.Parse(request.Model));
        await Body.WriteAsync(http, new ModelFilesAnswer(model.Manifest.Model, folder,
            [.. model.Manifest.Files.Select(f => new ModelFileAnswer(f.Path, f.Bytes, f.Sha256))]),
            DoorJson.Default.ModelFilesAnswer);
    }

    private static async Task RemoveAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.NamedModelRequest);
        var name = ModelName.Parse(request.Model);
        parts.Machine.Pulls.Forget(name);
        parts.Machine.Store.Remove(name);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
