using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Plans;
using Aegis.Gate;
using Aegis.Gate.Budgets;
using Aegis.Ledger.EventStore;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Budgets;

/// <summary>A node's room over a real ledger, with a lease of its own.</summary>
internal sealed class BudgetNode : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly NodeLease lease;

    private BudgetNode(NodeLease lease, BudgetRoom room) => (this.lease, Room) = (lease, room);

    public BudgetRoom Room { get; }

    /// <param name="over">What stands between the room and the ledger.</param>
    public static async Task<BudgetNode> OpenAsync(LedgerFixture ledger, TimeProvider? time = null,
        Func<IBudgetLeases, IBudgetLeases>? over = null)
    {
        var engine = new EngineLedger(ledger.Database);
        var lease = await engine.TakeLeaseAsync(None);
        var room = new BudgetRoom(time ?? TimeProvider.System);
        var leases = engine.Budgets(lease);
        room.Open(over?.Invoke(leases) ?? leases);
        return new BudgetNode(lease, room);
    }

    /// <summary>The code of the refusal, or null.</summary>
    public async Task<string?> ReserveAsync(LimitSet set, CallCost cost) =>
        (await Room.ReserveAsync(set, cost, None)).Refusal?.Code;

    public async Task<IBudgetHold> HoldAsync(LimitSet set, CallCost cost) =>
        (await Room.ReserveAsync(set, cost, None)).Hold!;

    public async Task<decimal> LeftAsync(BudgetLimit limit) =>
        (await Room.LookAsync([limit], None))[0].Left;

    public static CallContext Call(Tenancy tenancy, params ReadOnlySpan<RunBudget> runs) => new(
        new Principal("key:a", tenancy, []), new RunId("run_1"), "s", 1, "run_1.s.1",
        new PlanPolicy([], [], null, null), ImmutableSortedDictionary<string, string>.Empty, null, null,
        null, DateTimeOffset.MaxValue) { RunBudgets = [.. runs] };

    /// <summary>Dies: nothing is handed in, and others see it fenced.</summary>
    public async Task DropAsync() => await lease.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await Room.StopAsync(None);
        await lease.DisposeAsync();
    }
}
