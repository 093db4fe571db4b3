using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis webhook add|list|remove|deliveries|redeliver</c>: who is told of runs.</summary>
internal static class WebhookCommand
{
    private static readonly Argument<string> Url = new("URL") { Description = "The receiver, by https." };
    private static readonly Argument<string> Id =
        new("WEBHOOK") { Description = "As webhook list shows it." };
    private static readonly Argument<string> DeliveryId =
        new("DELIVERY") { Description = "As webhook deliveries shows it." };

    private static readonly Option<string> Secret = new("--secret")
    {
        Description = "Name of the project's secret that deliveries are signed with.",
        Required = true,
    };

    private static readonly Option<string[]> Event = new("--event", "-e")
    {
        Description = "Such as run.failed; may be given again. Default: all.",
    };

    private static readonly Option<string?> Status =
        new("--status") { Description = "pending, delivered or dead." };

    public static Command Build(CommandDesk desk) => new("webhook", "Webhooks that tell others of runs.")
    {
        desk.Online(new Verb("add", "Add a webhook.",
            "aegis webhook add https://hooks.example.com/runs --secret HOOK_KEY --event run.failed") { Url,
                Secret, Event },
            async (client, parsed, cancel) =>
        {
            var made = await client.AddWebhookAsync(new AddWebhook(parsed.GetRequiredValue(Url),
                parsed.GetRequiredValue(Secret),
                parsed.GetValue(Event) is { Length: > 0 } some ? some : null),
                cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(made, ClientJson.Default.Webhook);
                return ExitCode.Ok;
            }
            desk.Terminal.Out.WriteLine(made.WebhookId);
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("list", "List webhooks.",
            "aegis webhook list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListWebhooksAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingWebhook);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["WEBHOOK", "STATE", "SECRET", "URL", "EVENTS"], found.Items.Select(w => new[]
            {
                w.WebhookId, w.Enabled ? "enabled" : "disabled", w.SecretName, w.Url,
                string.Join(' ', w.Events),
            }));
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("remove", "Remove a webhook and its deliveries.",
            "aegis webhook remove whk_01J8") { Id },
            async (client, parsed, cancel) =>
            {
                await client.DeleteWebhookAsync(parsed.GetRequiredValue(Id), cancel);
                return ExitCode.Ok;
            }),
        desk.Online(new Verb("deliveries", "List a webhook's deliveries.",
            "aegis webhook deliveries whk_01J8 --status dead") { Id, Status },
            (client, parsed, cancel) => DeliveriesAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("redeliver", "Send a delivery again.",
            "aegis webhook redeliver whk_01J8 dlv_01J8") { Id, DeliveryId },
            async (client, parsed, cancel) =>
            {
                var again = await client.RedeliverAsync(
                    parsed.GetRequiredValue(Id), parsed.GetRequiredValue(DeliveryId), cancel);
                desk.Terminal.Out.WriteLine($"{again.DeliveryId}  {again.Status}");
                return ExitCode.Ok;
            }),
    };

    private static async Task<int> DeliveriesAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var found = await client.ListDeliveriesAsync(
            parsed.GetRequiredValue(Id), parsed.GetValue(Status), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingDelivery);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["DELIVERY", "EVENT", "STATUS", "TRIES", "CODE", "LAST ERROR"],
            found.Items.Select(d => new[]
            {
                d.DeliveryId, d.Event, d.Status, $"{d.Attempts}", $"{d.ResponseCode}", d.LastError ?? "",
            }));
        return ExitCode.Ok;
    }
}
