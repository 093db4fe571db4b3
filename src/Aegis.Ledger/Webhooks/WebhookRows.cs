using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Webhooks;

/// <summary>Where run events are sent to.</summary>
/// <param name="SecretName">The project's secret that deliveries are signed with.</param>
public sealed record Webhook(string WebhookId, string Url, ImmutableArray<string> Events, string SecretName,
    bool Enabled, string Actor, DateTimeOffset CreatedAt);

/// <summary>A delivery as lists show it.</summary>
public sealed record WebhookDelivery(string DeliveryId, string Event, string RunId, string Status,
    int Attempts,
    DateTimeOffset NextAt, int? ResponseCode, string? LastError, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>A delivery whose next try has begun.</summary>
/// <param name="Attempts">This try included.</param>
public sealed record DueDelivery(TenancyKeys Keys, Tenancy Tenancy, string DeliveryId, string WebhookId,
    string Body, int Attempts, string Url, string SecretName, bool Enabled);

/// <summary>How a try ended.</summary>
/// <param name="Again">When to try again; null for not at all.</param>
public sealed record DeliveryResult(bool Delivered, int? ResponseCode, string? Error, TimeSpan? Again)
{
    public string Status => Delivered ? "delivered" : Again is null ? "dead" : "pending";
}
