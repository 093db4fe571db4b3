using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Shipped;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.Triggers;

namespace Aegis.Engine.Children;

/// <summary>One start of a child: the registered workflow as it stands now, with the scopes, the context and
/// the budget of the run above, and never with more.</summary>
internal sealed class ChildStart(EngineNode node, RunPump parent, RunEffect.StartChild child)
{
    private readonly RunState run = parent.Committed;

    public async Task RunAsync()
    {
        var request = child.Request;
        if (run.Status == RunStatus.Stopping)
        {
            throw Refused("AEGIS5052", "the run above stops");
        }
        var workflow = await FindAsync(request.Workflow);
        ImmutableArray<string> above = [.. run.Start.Parent?.Above ?? [], run.Start.PlanId];
        CheckAbove(workflow, above);
        var untrusted = UntrustedInputs.OfStep(run.Plan, run.Plan.Tasks[child.Index], Given());
        var (repository, name, branch) = RepositoryOf(workflow);
        await new RunStart(node, parent.Starter, new PlanId(workflow.PlanId), new RunRequest(request.Inputs,
            Context(name is not null), name, branch, new RunId(child.RunId), run.Start.Freeze)
        {
            At = repository,
            Parent = new ParentRef(run.Start.RunId, run.Plan.Tasks[child.Index].StepId, above,
                parent.BudgetLeftUsd, untrusted.IsEmpty ? null : untrusted),
            GroupsAbove = GroupsAbove(),
        }).RunAsync(CancellationToken.None);
    }

    /// <summary>The project's own, else the one of that name that comes with the product.</summary>
    private async ValueTask<ChildWorkflow> FindAsync(string name)
    {
        var own = await new WorkflowStore(node.Parts.Database).FindAsync(
            parent.Head.Keys, name, CancellationToken.None);
        if (own is null)
        {
            var shipped = ShippedWorkflows.Find(name)
                ?? throw Refused("AEGIS5050", "there is no such registered workflow in this project",
                    "`aegis workflow list` names them, `aegis workflow shipped` those of the product");
            var plan = await node.Shipped.OfAsync(parent.Starter, shipped, CancellationToken.None);
            return new ChildWorkflow(plan.Value, null, null);
        }
        return own.Enabled ? new ChildWorkflow(own.PlanId, own.Repository, own.Ref)
            : throw Refused("AEGIS5050", "the workflow is disabled", "`aegis workflow enable` it");
    }

    private void CheckAbove(ChildWorkflow workflow, ImmutableArray<string> above)
    {
        if (above.Contains(workflow.PlanId))
        {
            throw Refused("AEGIS5054", "it would run inside itself",
                "a workflow that no run above is of; repeat and foreach do things again");
        }
        if (above.Length > ChildRuns.DepthMax)
        {
            throw Refused("AEGIS5055", $"it would be run number {above.Length} below the uppermost",
                $"at most {ChildRuns.DepthMax} runs below one another");
        }
    }

    /// <summary>The run above's own repository at its very commit, unless the step or the workflow names
    /// another.</summary>
    private (RepositoryRef? At, string? Name, string? Branch) RepositoryOf(ChildWorkflow workflow)
    {
        var (asked, mine) = (child.Request, run.Start.Repository);
        if (asked.Repository is null && asked.Ref is null && mine is not null)
        {
            return (mine, null, null);
        }
        var name = asked.Repository ?? mine?.Name ?? workflow.Repository;
        return (null, name, asked.Ref ?? (name == workflow.Repository ? workflow.Ref : null));
    }

    private ImmutableHashSet<string> Given() => UntrustedInputs.OfTriggers(run.Plan.On)
        .Union(run.UntrustedInputs);

    /// <summary>A child in a group of a run above it would wait for that one, which waits for it.</summary>
    private ImmutableHashSet<string> GroupsAbove()
    {
        var groups = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        for (var at = parent; at is not null; at = at.Committed.Start.Parent is { } above
            ? node.Live.Find(parent.Head.Tenancy, above.RunId)
            : null)
        {
            if (at.Committed.Start.ConcurrencyGroup is { } group)
            {
                groups.Add(group);
            }
        }
        return groups.ToImmutable();
    }

    /// <summary>What started the run above started this one; a repository of its own has its own branch and
    /// commit.</summary>
    private JsonElement Context(bool ownRepository)
    {
        var context = run.Start.Context is { ValueKind: JsonValueKind.Object } some
            ? JsonNode.Parse(some.GetRawText())!.AsObject()
            : [];
        foreach (var name in ownRepository ? ["branch", "sha", "repository"] : Array.Empty<string>())
        {
            context.Remove(name);
        }
        context["workflow"] = child.Request.Workflow;
        return JsonSerializer.SerializeToElement(context);
    }

    private AegisException Refused(string code, string why, string? mend = null) =>
        new(new AegisError(code, $"{child.Request.Workflow} was not started: {why}", Mend: mend));

    private sealed record ChildWorkflow(string PlanId, string? Repository, string? Ref);
}
