using System.Collections.Concurrent;
using System.Text;
using Aegis.Core;
using Aegis.Core.Plans.Shipped;
using Aegis.Gate;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Node;

/// <summary>Plans of the workflows that come with the product: one for each project and life of the node,
/// made when first asked for.</summary>
public sealed class ShippedPlans(EngineNode node)
{
    private readonly ConcurrentDictionary<(TenancyKeys, string), PlanId> made = new();

    public async ValueTask<PlanId> OfAsync(Principal by, ShippedWorkflow workflow, CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        if (made.TryGetValue((keys, workflow.Name), out var known))
        {
            return known;
        }
        var plan = await new EnginePlanDesk(node).CreateAsync(
            by, Encoding.UTF8.GetBytes(workflow.Text), workflow.FileName, null, cancel);
        // two at once make two plans of one text, and either will do; the same one is told to both
        return made.GetOrAdd((keys, workflow.Name), new PlanId(plan.PlanId));
    }
}
