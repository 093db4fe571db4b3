using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Shipped;
using Aegis.Core.Runs.Events;
using Aegis.Core.Schedules;
using Aegis.Engine.Node;
using Aegis.Gate;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>Makes plans: a stream of one fact each.</summary>
public sealed class EnginePlanDesk(EngineNode node) : PlanDesk
{
    /// <summary>A workflow above this stands in Blobs.</summary>
    public const int InlineBytesMax = 64 * 1024;

    public override async ValueTask<PlanView> CreateAsync(Principal by, ReadOnlyMemory<byte> workflow,
        string fileName, JsonElement? inputs, CancellationToken cancel)
    {
        var tools = (await node.Parts.Tools.AllAsync(by.Tenancy, cancel))
            .ToDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);
        var compiled = WorkflowCompiler.Compile(workflow, fileName, tools.Keys,
            (tool, input) => tools.GetValueOrDefault(tool)?.Check(input), CronZone.IsKnown);
        if (compiled.Plan is not { } plan)
        {
            throw new WorkflowRejectedException(compiled.Diagnostics);
        }
        if (inputs is not null)
        {
            BoundOrFail(plan, inputs);
        }
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var id = new PlanId(node.NewId("plan_"));
        var fact = await FactAsync(id, plan, workflow, fileName, by, cancel);
        var at = node.Parts.Time.GetUtcNow();
        var head = new StreamHead(node.Streams.NewKey(), keys, by.Tenancy, id.Value);
        var chained = head.Chain(nameof(PlanCreated), at, RunEventCodec.Encode(fact));
        await node.AppendAsync(head, chained);
        node.Plans.Keep(keys, id, false, plan);
        node.ReadModels.Add(new PlanRow(
            keys, head.Key, id.Value, plan.Name, plan.WorkflowHash, plan.Tasks.Length,
            chained.At));
        return new PlanView(id.Value, plan.Name, plan.WorkflowHash,
            [.. fact.Tasks.Select(t => new PlanTaskView(t.StepId, t.Tool, t.Needs))]) { Triggers = plan.On };
    }

    public override async ValueTask<PlanView> GetAsync(Principal by, PlanId plan, CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var found = (await node.Plans.GetAsync(by.Tenancy, keys, plan, false, cancel)).Plan;
        return new PlanView(plan.Value, found.Name, found.WorkflowHash,
            [.. found.Tasks.Select(t => new PlanTaskView(t.StepId, t.Tool,
                [.. t.Needs.Select(n => found.Tasks[n].StepId)]))]) { Triggers = found.On };
    }

    public override async ValueTask<PlanView> ShippedAsync(
        Principal by, ShippedWorkflow workflow, CancellationToken cancel) =>
        await GetAsync(by, await node.Shipped.OfAsync(by, workflow, cancel), cancel);

    /// <summary>The inputs with their defaults; every error at once.</summary>
    internal static JsonElement? BoundOrFail(Plan plan, JsonElement? given)
    {
        var bound = PlanInputs.Bind(plan.Inputs, given);
        if (bound.Errors is [var first, ..])
        {
            throw new AegisException(bound.Errors.Length == 1 ? first : new AegisError(first.Code,
                string.Join("; ", bound.Errors.Select(e => e.Message)), first.Expected, first.Got,
                    first.Mend));
        }
        return plan.Inputs.IsEmpty ? null : bound.Value;
    }

    private async ValueTask<PlanCreated> FactAsync(
        PlanId id, Plan plan, ReadOnlyMemory<byte> workflow, string file,
        Principal by, CancellationToken cancel)
    {
        var inline = workflow.Length <= InlineBytesMax;
        var blob = inline ? null : await node.StoreAsync(by.Tenancy, workflow, cancel);
        return new PlanCreated(id.Value, plan.Name, plan.WorkflowHash, file,
            inline ? Encoding.UTF8.GetString(workflow.Span) : null, blob, by.Actor,
            [.. plan.Tasks.Select(t => new PlanCreatedTask(t.StepId, t.Tool,
                [.. t.Needs.Select(n => plan.Tasks[n].StepId)]))]);
    }
}
