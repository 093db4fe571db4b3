using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Calls;

/// <summary>What a session's calls asked of models. A call leaves its part in a queue, in the order of the
/// stream; the projections' beat sums up what of it is committed. Rejected: summing within the call, where
/// thousands of them a second would wait for each other.</summary>
internal sealed class SessionUsage
{
    private readonly ConcurrentQueue<Part> waiting = new();

    /// <summary>As far as it is summed; owned by the read models' writer.</summary>
    public ModelUsage Summed { get; private set; } = ModelUsage.None;

    /// <summary>Where the read models stand; owned by their writer.</summary>
    public ModelUsage Projected { get; set; } = ModelUsage.None;

    /// <summary>Takes a fact that is queued to be committed, in the stream's order.</summary>
    /// <returns>False for a fact that asked no model.</returns>
    public bool Add(RunEvent fact, DateTimeOffset at, Task<AppendOutcome> committed)
    {
        if (fact is not ToolReturned { Models: { IsDefaultOrEmpty: false } uses } returned)
        {
            return false;
        }
        waiting.Enqueue(new Part(returned.StepId, uses, at, committed));
        return true;
    }

    /// <summary>By the read models' writer alone.</summary>
    public void Sum()
    {
        while (waiting.TryPeek(out var part) && part.Committed.IsCompleted)
        {
            waiting.TryDequeue(out _);
            if (part.Committed is { IsCompletedSuccessfully: true, Result: AppendOutcome.Committed })
            {
                Summed = Summed.With(part.StepId, part.Uses, part.At);
            }
        }
    }

    private sealed record Part(string StepId, ImmutableArray<ModelUse> Uses, DateTimeOffset At,
        Task<AppendOutcome> Committed);
}
