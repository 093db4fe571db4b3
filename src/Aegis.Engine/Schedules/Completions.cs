using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Triggers;
using Aegis.Engine.Webhooks;
using Aegis.Ledger.Triggers;
using Aegis.Ledger.Webhooks;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

/// <summary>Which workflows the end of a registered workflow's run starts. Each start knows how many
/// ends stand before it, so that workflows which start each other come to an end.</summary>
internal static class Completions
{
    public const int DepthMax = 8;

    public static ImmutableArray<NewStart> Of(RunFeedEvent fact, DateTimeOffset now, ILogger log)
    {
        if (fact.Origin is not { } origin || StatusOf(fact.Type) is not { } status)
        {
            return [];
        }
        var starts = ImmutableArray.CreateBuilder<NewStart>();
        foreach (var workflow in fact.Workflows.Where(w => w.Enabled))
        {
            if (workflow.Triggers.OfType<WorkflowCompletedTrigger>().FirstOrDefault(
                t => t.Workflow == origin.Workflow && Wants(t.Status, fact.Type)) is { } trigger)
            {
                starts.Add(Start(fact, origin, workflow, status, now, log) with
                {
                    Inputs = trigger.Inputs?.GetRawText(),
                });
            }
        }
        return starts.ToImmutable();
    }

    private static NewStart Start(RunFeedEvent fact, StartOrigin origin, RegisteredWorkflow workflow,
        string status, DateTimeOffset now, ILogger log)
    {
        var depth = origin.Depth + 1;
        string? refusal = null;
        if (depth > DepthMax)
        {
            refusal = new AegisError("AEGIS5043",
                $"{workflow.Name} was not started: workflows start each other",
                $"at most {DepthMax} ends of runs in a row", $"{depth}, the last of {origin.Workflow}",
                "break the circle of workflow_completed").ToString();
            TriggerLog.StartRefused(log, $"{fact.Tenancy}", workflow.Name, refusal);
        }
        var run = new JsonObject
        {
            ["run_id"] = fact.RunId, ["workflow"] = origin.Workflow, ["status"] = status,
        };
        RunMessage.Copy(fact.First, run, "plan_id", "name");
        RunMessage.Copy(ContextOf(fact.First), run, "branch", "sha", "repository");
        var context = new JsonObject
        {
            ["event"] = "workflow_completed", ["workflow"] = workflow.Name, ["depth"] = depth, ["run"] = run,
        };
        return new NewStart(workflow, FreshRunId.At(now), $"run:{fact.RunId}", context.ToJsonString(), depth,
            refusal);
    }

    private static byte[]? ContextOf(byte[]? started)
    {
        if (started is null)
        {
            return null;
        }
        using var json = JsonDocument.Parse(started);
        return json.RootElement.TryGetProperty("context", out var context)
            && context.ValueKind == JsonValueKind.Object
            ? JsonSerializer.SerializeToUtf8Bytes(context)
            : null;
    }

    private static string? StatusOf(string type) => type switch
    {
        "PlanCompleted" => "succeeded",
        "RunFailed" => "failed",
        "RunCancelled" => "cancelled",
        _ => null,
    };

    private static bool Wants(CompletedStatus status, string type) => status switch
    {
        CompletedStatus.Success => type == "PlanCompleted",
        CompletedStatus.Failure => type == "RunFailed",
        _ => true,
    };
}
