using Aegis.Core.Budgets;

namespace Aegis.Engine.Tests.Budgets;

/// <summary>The ledger knows what it is told at once, and answers once it may.</summary>
internal sealed class SlowNews(IBudgetLeases inner) : IBudgetLeases
{
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once the ledger was told something.</summary>
    public Task Known => known.Task;

    public TaskCompletionSource Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask HandInAsync(IReadOnlyList<LeaseSums> leases, CancellationToken cancel)
    {
        await inner.HandInAsync(leases, cancel);
        known.TrySetResult();
        await Answer.Task;
    }

    public ValueTask<IReadOnlyList<LeaseAnswer>> LeaseAsync(
        IReadOnlyList<LeaseAsk> asks, CancellationToken cancel) => inner.LeaseAsync(asks, cancel);

    public ValueTask CloseAsync(IReadOnlyList<BudgetKey> keys, CancellationToken cancel) =>
        inner.CloseAsync(keys, cancel);

    public ValueTask<IReadOnlyList<BudgetUse>> LookAsync(
        IReadOnlyList<BudgetKey> keys, CancellationToken cancel) => inner.LookAsync(keys, cancel);
}
