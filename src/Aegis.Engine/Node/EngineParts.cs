using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Plans.Review;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Gate.Budgets;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Sandbox;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Node;

/// <summary>What an engine is made of; the server composes it. Workspaces and repositories are null on a node
/// whose tools need none (the bench).</summary>
public sealed record EngineParts(
    LedgerDatabase Database, TenantDirectory Tenants, BlobStore Blobs, Gate.Gate Gate,
    ToolCatalogue Tools, Workspaces? Workspaces, IRunRepositories? Repositories, SlotLimits Slots,
    TimeProvider Time, ILogger Log)
{
    /// <summary>What this node may spend of limits, which needs its lease; null where nothing is
    /// counted.</summary>
    public BudgetRoom? Budgets { get; init; }

    /// <summary>The models and prices of a project's profile, by its version; null where no cap on cost is
    /// held against them before a run begins.</summary>
    public Func<Tenancy, int?, CancellationToken, ValueTask<ModelSight>>? Models { get; init; }
}
