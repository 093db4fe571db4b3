using System.Text.Json;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Gate;
using Aegis.Gate.Admission;
using Aegis.Server.Auth;
using Aegis.Server.Idempotency;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tools;

/// <summary>A call of a tool that is to become a run.</summary>
/// <param name="Event">What the run's context says that it was started by.</param>
internal sealed record CallStart(string Tool, JsonElement Input, CallPolicyRequest Policy, string Event)
{
    /// <summary>The workflow's name; null for the tool's.</summary>
    public string? Name { get; init; }

    /// <summary>What to ask a human first; empty for no words, null for nobody.</summary>
    public string? Approve { get; init; }

    public string? Repository { get; init; }

    public string? Ref { get; init; }

    /// <summary>How long the call may take; null for what any step may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A frozen step whose files the call works on; null for none.</summary>
    public FrozenStep? Over { get; init; }

    /// <summary>1. the gate is asked before anything is made; 2. the call becomes a run of one step, where
    /// the gate decides. Null where the refusal is answered already.</summary>
    public async Task<RunId?> RunAsync(HttpContext http, DoorParts parts)
    {
        var by = http.Caller().Principal;
        var admission = await JudgeAsync(by, parts, http.RequestAborted);
        if (admission is { Denial: { } denial, Asks: false })
        {
            if (admission.RetryAfter > TimeSpan.Zero)
            {
                http.Response.Headers.RetryAfter =
                    Math.Ceiling(admission.RetryAfter.TotalSeconds).ToString("0", null);
            }
            await ProblemWriter.WriteAsync(
                http, ErrorRegistry.Status(denial.Code), denial, rule: admission.Rule);
            return null;
        }
        return await StartAsync(by, parts, http.ChosenRun(), http.RequestAborted);
    }

    /// <summary>What the gate would decide now.</summary>
    public ValueTask<Admission> JudgeAsync(Principal by, DoorParts parts, CancellationToken cancel) =>
        parts.ToolDesk.JudgeAsync(by, Tool, Input, CallPlan.Policy(Policy), cancel);

    /// <param name="chosen">The run's id where the caller chose it; it may be there already.</param>
    public async Task<RunId> StartAsync(
        Principal by, DoorParts parts, RunId? chosen, CancellationToken cancel)
    {
        var name = Name ?? CallPlan.NameOf(Tool);
        var plan = await parts.PlanDesk.CreateAsync(by, CallPlan.Write(this, name), name, null, cancel);
        return await parts.RunDesk.StartAsync(by, new PlanId(plan.PlanId),
            new RunRequest(null, JsonElement.Parse($$"""{"event":"{{Event}}"}"""), Repository, Ref, chosen)
            {
                MayBeThere = chosen is not null,
                Over = Over,
            }, cancel);
    }
}
