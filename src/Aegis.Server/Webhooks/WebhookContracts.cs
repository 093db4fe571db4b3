using Aegis.Ledger.Webhooks;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Webhooks;

public sealed record AddWebhookRequest : DoorRequest
{
    public required string Url { get; init; }

    /// <summary>Such as run.succeeded; null for all.</summary>
    public string[]? Events { get; init; }

    /// <summary>The project's secret that deliveries are signed with.</summary>
    [Id]
    public required string SecretName { get; init; }
}

public sealed record WebhookAnswer(string WebhookId, string Url, IReadOnlyList<string> Events,
    string SecretName,
    bool Enabled, string Actor, DateTimeOffset CreatedAt)
{
    public static WebhookAnswer Of(Webhook w) =>
        new(w.WebhookId, w.Url, w.Events, w.SecretName, w.Enabled, w.Actor, w.CreatedAt);
}

/// <param name="Status">pending, delivered or dead.</param>
/// <param name="NextAt">When the next try is due; left out once it has ended.</param>
public sealed record DeliveryAnswer(string DeliveryId, string Event, string RunId,
    [property: OneOf(DeliveryAnswer.Statuses)] string Status, int Attempts,
    DateTimeOffset? NextAt, int? ResponseCode, string? LastError, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public const string Statuses = "pending delivered dead";

    public static DeliveryAnswer Of(WebhookDelivery d) => new(d.DeliveryId, d.Event, d.RunId, d.Status,
        d.Attempts, d.Status == "pending" ? d.NextAt : null, d.ResponseCode, d.LastError, d.CreatedAt,
        d.UpdatedAt);
}
