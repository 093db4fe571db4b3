using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Gate.Policies;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;
using Aegis.Server.Tools;

namespace Aegis.Server.Policies;

/// <summary>The gate's decision without the call: explained, and tried on the calls of the past.</summary>
public static class PolicyDoors
{
    private static readonly JsonElement NoInput = JsonElement.Parse("{}");

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/policy:explain", http => ExplainAsync(http, parts)).RequireScope(Scopes.Any)
            .Describe("explainCall", "What the gate would decide on a call of the key, and by which rules",
                door => door.Saying("Nothing is called and nothing is counted.")
                    .Reads(DoorJson.Default.ExplainCallRequest)
                    .Answers(DoorJson.Default.ExplanationAnswer));
        routes.MapPost("/v1/policy:replay", http => ReplayAsync(http, parts)).RequireScope(Scopes.AuditRead)
            .Describe("replayPolicy", "What a profile would have decided on the calls of the past",
                door => door.Saying("Rates and quotas are left out: they depend on the moment.")
                    .Reads(DoorJson.Default.ReplayPolicyRequest).Answers(DoorJson.Default.ReplayAnswer)
                    .Refuses("AEGIS6040"));
    }

    private static async Task ExplainAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ExplainCallRequest);
        var (by, cancel) = (http.Caller().Principal, http.RequestAborted);
        var rules = await parts.ToolDesk.RulesAsync(by, cancel);
        var told = await parts.ToolDesk.ExplainAsync(by, request.Tool, request.Input ?? NoInput,
            CallPlan.Policy(request.Policy ?? new CallPolicyRequest()), cancel, rules);
        await Body.WriteAsync(http, ExplanationAnswer.Of(told, rules.Version),
            DoorJson.Default.ExplanationAnswer);
    }

    private static async Task ReplayAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.ReplayPolicyRequest);
        var replay = new PolicyReplay(parts, http.ProjectKeys(), http.Caller().Principal.Tenancy,
            request.Profile is { } yaml ? Candidate(yaml) : null);
        await Body.WriteAsync(http, await replay.RunAsync(request.Since, http.RequestAborted),
            DoorJson.Default.ReplayAnswer);
    }

    private static ProfilePolicies Candidate(string yaml)
    {
        var read = ProfileParser.Parse(yaml, "profile.yaml");
        return read.Value?.Policies ?? throw new Engine.WorkflowRejectedException(read.Errors);
    }
}
