using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Webhooks;
using Aegis.Ledger.Webhooks;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Webhooks;

/// <summary>Webhooks that go out, and what became of their deliveries.</summary>
public static class WebhookDoors
{
    private static readonly string[] Statuses = DeliveryAnswer.Statuses.Split(' ');

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        const string One = "/v1/webhooks/{webhook}";
        routes.MapGet("/v1/webhooks", http => ListAsync(http, parts)).RequireScope(Scopes.WebhooksRead)
            .Describe("listWebhooks", "Webhooks",
                door => door.Page().Answers(DoorJson.Default.ListingWebhookAnswer));
        routes.MapPost("/v1/webhooks", http => AddAsync(http, parts)).RequireScope(Scopes.WebhooksWrite)
            .Describe("createWebhook", "Adds a webhook", door => door
                .Reads(DoorJson.Default.AddWebhookRequest)
                .Answers(DoorJson.Default.WebhookAnswer, StatusCodes.Status201Created).Idempotent()
                .Refuses("AEGIS4052", "AEGIS5041", "AEGIS5042"));
        routes.MapGet(One, http => GetAsync(http, parts)).RequireScope(Scopes.WebhooksRead)
            .WithEntityTag()
            .Describe("getWebhook", "A webhook", door => door.Answers(DoorJson.Default.WebhookAnswer));
        routes.MapDelete(One, http => DeleteAsync(http, parts)).RequireScope(Scopes.WebhooksWrite)
            .WithEntityTag()
            .Describe("deleteWebhook", "Deletes a webhook with its deliveries",
                door => door.Answers(StatusCodes.Status204NoContent));
        routes.MapPost($"{One}:enable", http => EnableAsync(http, parts, true))
            .RequireScope(Scopes.WebhooksWrite)
            .Describe("enableWebhook", "Sends to a webhook again",
                door => door.Answers(DoorJson.Default.WebhookAnswer));
        routes.MapPost($"{One}:disable", http => EnableAsync(http, parts, false))
            .RequireScope(Scopes.WebhooksWrite)
            .Describe("disableWebhook", "Sends nothing to a webhook",
                door => door.Answers(DoorJson.Default.WebhookAnswer));
        routes.MapGet($"{One}/deliveries", http => DeliveriesAsync(http, parts))
            .RequireScope(Scopes.WebhooksRead)
            .Describe("listDeliveries", "A webhook's deliveries, newest first", door => door
                .Choice("status", "Only those with this status.", Statuses).Page()
                .Answers(DoorJson.Default.ListingDeliveryAnswer));
        routes.MapPost(One + "/deliveries/{delivery}:redeliver", http => RedeliverAsync(http, parts))
            .RequireScope(Scopes.WebhooksWrite)
            .Describe("redeliver", "Begins all tries of a delivery anew", door => door
                .Answers(DoorJson.Default.DeliveryAnswer, StatusCodes.Status202Accepted));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var limit = Query.Limit(http);
        var found = await parts.Webhooks.ListAsync(
            http.ProjectKeys(), http.RequestAborted, PageCursors.Read(http), limit + 1);
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, WebhookAnswer.Of, w => (w.CreatedAt, w.WebhookId)),
            DoorJson.Default.ListingWebhookAnswer);
    }

    private static async Task AddAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.AddWebhookRequest);
        if (parts.WebhookTargets.Check(request.Url) is { } refused)
        {
            throw new AegisException(refused);
        }
        var (keys, id, cancel) = (http.ProjectKeys(), NewId(http), http.RequestAborted);
        // only a request with a key can find its own: it was done before, and nobody heard the answer
        var made = await parts.Webhooks.FindAsync(keys, id, cancel)
            ?? await parts.Webhooks.AddAsync(keys, id, request.Url, [.. Events(request.Events)],
                request.SecretName, http.Caller().Principal.Actor, cancel);
        await Body.WriteAsync(http, WebhookAnswer.Of(made), DoorJson.Default.WebhookAnswer,
            StatusCodes.Status201Created);
    }

    private static string NewId(HttpContext http) => "wh_" + Convert.ToHexStringLower(
        http.ChosenRun() is { } chosen ? SHA256.HashData(Encoding.UTF8.GetBytes(chosen.Value)).AsSpan(0, 10)
            : RandomNumberGenerator.GetBytes(10));

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "webhook");
        var found = await parts.Webhooks.FindAsync(http.ProjectKeys(), id, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("webhook", id));
        await Body.WriteAsync(http, WebhookAnswer.Of(found), DoorJson.Default.WebhookAnswer);
    }

    private static async Task DeleteAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "webhook");
        if (!await parts.Webhooks.DeleteAsync(http.ProjectKeys(), id, http.RequestAborted,
            http.Conditions().On<Webhook>(w => EntityTag.Of(
                WebhookAnswer.Of(w), DoorJson.Default.WebhookAnswer))))
        {
            throw new AegisException(DoorErrors.NotFound("webhook", id));
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task EnableAsync(HttpContext http, DoorParts parts, bool on)
    {
        var id = Query.Route(http, "webhook");
        var stored = await parts.Webhooks.EnableAsync(http.ProjectKeys(), id, on, http.RequestAborted)
            ?? throw new AegisException(DoorErrors.NotFound("webhook", id));
        await Body.WriteAsync(http, WebhookAnswer.Of(stored), DoorJson.Default.WebhookAnswer);
    }

    private static async Task DeliveriesAsync(HttpContext http, DoorParts parts)
    {
        var (id, keys, cancel) = (Query.Route(http, "webhook"), http.ProjectKeys(), http.RequestAborted);
        var status = Query.Choice(http, "status", Statuses);
        if (await parts.Webhooks.FindAsync(keys, id, cancel) is null)
        {
            throw new AegisException(DoorErrors.NotFound("webhook", id));
        }
        var limit = Query.Limit(http);
        var found = await parts.Webhooks.DeliveriesAsync(
            keys, id, status, limit + 1, cancel, PageCursors.Read(http));
        await Listings.WriteAsync(http,
            PageCursors.Cut(found, limit, DeliveryAnswer.Of, d => (d.CreatedAt, d.DeliveryId)),
            DoorJson.Default.ListingDeliveryAnswer);
    }

    private static async Task RedeliverAsync(HttpContext http, DoorParts parts)
    {
        var (id, delivery) = (Query.Route(http, "webhook"), Query.Route(http, "delivery"));
        var (keys, cancel) = (http.ProjectKeys(), http.RequestAborted);
        // one that is still being tried is answered as it stands: it will be sent anyhow
        var found = await parts.Webhooks.RedeliverAsync(keys, id, delivery, cancel)
            ?? await parts.Webhooks.DeliveryAsync(keys, id, delivery, cancel)
            ?? throw new AegisException(DoorErrors.NotFound("delivery", delivery));
        parts.Signals.Deliveries.Wake();
        await Body.WriteAsync(http, DeliveryAnswer.Of(found), DoorJson.Default.DeliveryAnswer,
            StatusCodes.Status202Accepted);
    }

    private static IEnumerable<string> Events(string[]? asked)
    {
        if (asked is null)
        {
            return RunMessage.Events;
        }
        return asked.Length > 0 && asked.All(e => RunMessage.Events.Contains(e))
            ? asked.Distinct()
            : throw new AegisException(DoorErrors.Malformed("no such event",
                string.Join(", ", RunMessage.Events),
                asked.FirstOrDefault(e => !RunMessage.Events.Contains(e)) ?? "none"));
    }
}
