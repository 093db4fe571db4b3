using Aegis.Core.Errors;
using Aegis.Ledger.Locks;

namespace Aegis.Engine.Pump;

/// <summary>A wish that a turn of the table will decide.</summary>
/// <param name="Reply">Where a holder outside hears what came of it.</param>
internal readonly record struct LockWanted(LockWish Wish, TaskCompletionSource<OutsideAnswer>? Reply);

/// <summary>What one project waits for; <see cref="Waiting"/> is its lock.</summary>
internal sealed class LockQueue
{
    /// <summary>Wishes that one turn decides.</summary>
    private const int TurnMax = 100;

    public Queue<LockWanted> Waiting { get; } = new();

    /// <summary>When the next turn comes by itself.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>The turns that are under way.</summary>
    public Task Idle { get; set; } = Task.CompletedTask;

    /// <summary>This node decides them no more.</summary>
    public static void Fail(List<LockWanted> turn)
    {
        foreach (var wanted in turn)
        {
            wanted.Reply?.TrySetException(new AegisException(PumpErrors.NoLocks));
        }
    }

    /// <summary>The wishes of the next turn: those of a turn that broke first.</summary>
    public List<LockWanted> Next(List<LockWanted> broken)
    {
        lock (Waiting)
        {
            while (broken.Count < TurnMax && Waiting.TryDequeue(out var wish))
            {
                broken.Add(wish);
            }
        }
        return broken;
    }
}
