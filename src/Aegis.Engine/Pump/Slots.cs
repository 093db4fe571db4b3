namespace Aegis.Engine.Pump;

/// <summary>How many attempts may run at once.</summary>
/// <param name="Node">On this server. Default: four per core, at least eight.</param>
/// <param name="Tenant">Of one tenant on this server.</param>
/// <param name="Run">Of one run.</param>
public sealed record SlotLimits(int Node, int Tenant, int Run)
{
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
