namespace Aegis.Engine.Pump;

/// <summary>How many attempts may run at once.</summary>
/// <param name="Node">On this server. Default: four per core, at least eight.</param>
/// <param name="Tenant">Of one tenant on this server.</param>
/// <param name="Run">Of one run.</param>
/// <param name="Away">That have lent their slot while they wait for a model.</param>
public sealed record SlotLimits(int Node, int Tenant, int Run, int Away = SlotLimits.AwayMax)
{
    /// <summary>Turns of agents on a server that wait for their models beside what works there.</summary>
    public const int AwayMax = 256;

    public static SlotLimits Default { get; } =
        new(Math.Max(8, Environment.ProcessorCount * 4), Math.Max(8, Environment.ProcessorCount * 4), 8);
}

/// <summary>Bounded concurrency: a request is granted at once or waits in order; a later one passes an
/// earlier one only where the earlier one's tenant or run is full.</summary>
public sealed class Slots(SlotLimits limits)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Request> waiting = [];
    private readonly Dictionary<string, int> byTenant = [];
    private readonly Dictionary<string, int> byRun = [];
    private int taken;
    private int away;

    public int Taken => taken;

    /// <summary>Grants by calling back, perhaps at once, never twice.</summary>
    public void Acquire(string tenant, string run, Action<SlotHold> granted)
    {
        lock (gate)
        {
            waiting.AddLast(new Request(tenant, run, granted));
        }
        Grant();
    }

    /// <summary>Gives a slot to others while its holder waits for something outside; false where too many
    /// are away already, and the holder keeps it.</summary>
    public bool TryLeave(SlotHold hold)
    {
        lock (gate)
        {
            if (away >= limits.Away)
            {
                return false;
            }
            away++;
        }
        hold.Dispose();
        return true;
    }

    /// <summary>Comes back from there, before anything that has not begun.</summary>
    public async Task<SlotHold> ReturnAsync(string tenant, string run, CancellationToken cancel)
    {
        var back = new TaskCompletionSource<SlotHold>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            away--;
            waiting.AddFirst(new Request(tenant, run, hold =>
            {
                // whoever waited for it may be gone
                if (!back.TrySetResult(hold))
                {
                    hold.Dispose();
                }
            }));
        }
        Grant();
        await using var gone = cancel.UnsafeRegister(_ => back.TrySetCanceled(cancel), null);
        return await back.Task;
    }

    private void Release(string tenant, string run)
    {
        lock (gate)
        {
            taken--;
            Count(byTenant, tenant, -1);
            Count(byRun, run, -1);
        }
        Grant();
    }

    private void Grant()
    {
        while (Next() is { } request)
        {
            request.Granted(new SlotHold(() => Release(request.Tenant, request.Run)));
        }
    }

    private Request? Next()
    {
        lock (gate)
        {
            if (taken >= limits.Node)
            {
                return null;
            }
            for (var node = waiting.First; node is not null; node = node.Next)
            {
                var request = node.Value;
                if (byTenant.GetValueOrDefault(request.Tenant) < limits.Tenant
                    && byRun.GetValueOrDefault(request.Run) < limits.Run)
                {
                    waiting.Remove(node);
                    taken++;
                    Count(byTenant, request.Tenant, 1);
                    Count(byRun, request.Run, 1);
                    return request;
                }
            }
            return null;
        }
    }

    private static void Count(Dictionary<string, int> counts, string key, int change)
    {
        var value = counts.GetValueOrDefault(key) + change;
        if (value == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = value;
        }
    }

    private sealed record Request(string Tenant, string Run, Action<SlotHold> Granted);
}

/// <summary>A taken slot; giving it back twice does nothing.</summary>
public sealed class SlotHold(Action release) : IDisposable
{
    private Action? release = release;

    public void Dispose() => Interlocked.Exchange(ref release, null)?.Invoke();
}
