using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Ledger.Webhooks;

namespace Aegis.Engine.Webhooks;

/// <summary>What webhooks are told of a run's event.</summary>
public static class RunMessage
{
    public const string Started = "run.started";
    public const string Succeeded = "run.succeeded";
    public const string Failed = "run.failed";
    public const string Cancelled = "run.cancelled";
    public const string Approval = "approval.requested";

    /// <summary>Every event that a webhook may ask for.</summary>
    public static IReadOnlyList<string> Events { get; } = [Started, Succeeded, Failed, Cancelled, Approval];

    /// <summary>The name of a ledger's event for webhooks; null for one that nobody is told of.</summary>
    public static string? NameOf(string type) => type switch
    {
        "RunStarted" => Started,
        "PlanCompleted" => Succeeded,
        "RunFailed" => Failed,
        "RunCancelled" => Cancelled,
        "ApprovalRequested" => Approval,
        _ => null,
    };

    /// <summary>The id that a receiver knows a message by, the same at each try.</summary>
    public static string IdOf(RunFeedEvent fact) =>
        $"msg_{fact.RunId[(fact.RunId.IndexOf('_', StringComparison.Ordinal) + 1)..]}_{fact.Version}";

    /// <summary>Standard Webhooks' form: type, timestamp, data.</summary>
    public static string Body(RunFeedEvent fact, string name)
    {
        var data = new JsonObject
        {
            ["run_id"] = fact.RunId, ["tenant_id"] = fact.Tenancy.Tenant,
            ["project_id"] = fact.Tenancy.Project,
        };
        Copy(fact.First, data, "plan_id", "name", "actor");
        if (fact.Origin is { } origin)
        {
            data["workflow"] = origin.Workflow;
        }
        if (name != Started)
        {
            Copy(fact.Payload, data, "reason", "message", "step_id", "approval_id", "queue");
        }
        return new JsonObject
        {
            ["type"] = name,
            ["timestamp"] = fact.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
                CultureInfo.InvariantCulture),
            ["data"] = data,
        }.ToJsonString();
    }

    /// <summary>Members of a payload that are text; none where it was erased.</summary>
    internal static void Copy(byte[]? payload, JsonObject to, params ReadOnlySpan<string> names)
    {
        if (payload is null)
        {
            return;
        }
        using var json = JsonDocument.Parse(payload);
        foreach (var name in names)
        {
            if (json.RootElement.TryGetProperty(name, out var member)
                && member.ValueKind == JsonValueKind.String)
            {
                to[name] = member.GetString();
            }
        }
    }
}
