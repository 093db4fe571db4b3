using System.Collections.Concurrent;

namespace Aegis.Engine.Pump;

/// <summary>The slots that the tasks of one run hold, by the index of the task.</summary>
internal sealed class HeldSlots(Slots slots, string tenant, string run)
{
    private readonly ConcurrentDictionary<int, SlotHold> held = new();

    /// <summary>Keeps a slot for a task; one that has one already gives the new one back.</summary>
    public bool TryKeep(int index, SlotHold hold)
    {
        var kept = held.TryAdd(index, hold);
        if (!kept)
        {
            hold.Dispose();
        }
        return kept;
    }

    /// <summary>A task that has ended, or waits for people, gives its slot to those that work.</summary>
    public void Release(int index)
    {
        if (held.TryRemove(index, out var slot))
        {
            slot.Dispose();
        }
    }

    /// <summary>Lends the task's slot to others while it waits for a model. Calls of one task that wait at
    /// once lend it once.</summary>
    public async ValueTask<T> AwayAsync<T>(int index, Func<ValueTask<T>> wait, CancellationToken cancel)
    {
        if (!held.TryRemove(index, out var slot))
        {
            return await wait();
        }
        if (!slots.TryLeave(slot))
        {
            held[index] = slot;
            return await wait();
        }
        try
        {
            return await wait();
        }
        finally
        {
            held[index] = await slots.ReturnAsync(tenant, run, cancel);
        }
    }
}
