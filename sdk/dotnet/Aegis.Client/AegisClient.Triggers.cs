using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    public Task<Listing<Workflow>> ListWorkflowsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/workflows", ClientJson.Default.ListingWorkflow, cancel);

    public Task<WorkflowDetail> GetWorkflowAsync(string name, CancellationToken cancel = default) =>
        GetAsync($"v1/workflows/{Escape(name)}", ClientJson.Default.WorkflowDetail, cancel);

    /// <summary>Registers a workflow, or registers it anew. A refusal carries every error of the
    /// file.</summary>
    public Task<Workflow> PutWorkflowAsync(
        string name, PutWorkflow workflow, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Put, $"v1/workflows/{Escape(name)}",
            Body(workflow, ClientJson.Default.PutWorkflow), ClientJson.Default.Workflow, cancel);

    public Task DeleteWorkflowAsync(string name, CancellationToken cancel = default) =>
        DeleteAsync($"v1/workflows/{Escape(name)}", cancel);

    public Task<Workflow> EnableWorkflowAsync(
        string name, bool enabled, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/workflows/{Escape(name)}:{(enabled ? "enable" : "disable")}", null,
            ClientJson.Default.Workflow, cancel);

    /// <summary>Starts a registered workflow whose <c>on</c> lists api.</summary>
    public Task<RunStarted> RunWorkflowAsync(
        string name, StartRun request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/workflows/{Escape(name)}:run",
            Body(request, ClientJson.Default.StartRun), ClientJson.Default.RunStarted, cancel);

    public Task<Listing<Webhook>> ListWebhooksAsync(CancellationToken cancel = default) =>
        ListAsync("v1/webhooks", ClientJson.Default.ListingWebhook, cancel);

    public Task<Webhook> AddWebhookAsync(AddWebhook webhook, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/webhooks", Body(webhook, ClientJson.Default.AddWebhook),
            ClientJson.Default.Webhook, cancel);

    public Task DeleteWebhookAsync(string id, CancellationToken cancel = default) =>
        DeleteAsync($"v1/webhooks/{Escape(id)}", cancel);

    /// <summary>The newest first.</summary>
    public Task<Listing<Delivery>> ListDeliveriesAsync(
        string webhook, string? status = null, CancellationToken cancel = default) =>
        GetAsync($"v1/webhooks/{Escape(webhook)}/deliveries"
            + (status is null ? "" : $"?status={Escape(status)}"), ClientJson.Default.ListingDelivery,
                cancel);

    /// <summary>Begins all tries of a delivery anew.</summary>
    public Task<Delivery> RedeliverAsync(
        string webhook, string delivery, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post,
            $"v1/webhooks/{Escape(webhook)}/deliveries/{Escape(delivery)}:redeliver", null,
            ClientJson.Default.Delivery, cancel);
}

/// <summary>A registered workflow.</summary>
/// <param name="Triggers">What starts it, each with its kind.</param>
public sealed record Workflow(string Name, string PlanId, string WorkflowHash, bool Enabled, string Actor,
    IReadOnlyList<string> Scopes, IReadOnlyList<JsonElement> Triggers, string? Repository, string? Ref,
    DateTimeOffset UpdatedAt);

/// <summary>A registered workflow and its newest starts.</summary>
public sealed record WorkflowDetail(Workflow Workflow, IReadOnlyList<WorkflowStart> Starts);

/// <param name="Status">pending, started or refused.</param>
public sealed record WorkflowStart(string RunId, string Cause, string Status, string? Error,
    DateTimeOffset CreatedAt);

/// <summary>A workflow's text, and the repository that runs without a caller work on.</summary>
public sealed record PutWorkflow(string Workflow, string? FileName = null, string? Repository = null,
    string? Ref = null);

public sealed record Webhook(string WebhookId, string Url, IReadOnlyList<string> Events, string SecretName,
    bool Enabled, string Actor, DateTimeOffset CreatedAt);

/// <param name="Events">Such as run.succeeded; null for all.</param>
/// <param name="SecretName">The project's secret that deliveries are signed with.</param>
public sealed record AddWebhook(string Url, string SecretName, IReadOnlyList<string>? Events = null);

/// <param name="Status">pending, delivered or dead.</param>
public sealed record Delivery(string DeliveryId, string Event, string RunId, string Status, int Attempts,
    DateTimeOffset? NextAt, int? ResponseCode, string? LastError, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
