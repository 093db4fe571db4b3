using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Engine.Pump;

namespace Aegis.Engine.Node;

/// <summary>The runs this node pumps.</summary>
public sealed class LiveRuns
{
    private readonly ConcurrentDictionary<(Tenancy, string), RunPump> pumps = new();

    public int Count => pumps.Count;

    public IEnumerable<RunPump> All => pumps.Values;

    public void Add(RunPump pump) => pumps[(pump.Head.Tenancy, pump.Head.StreamId)] = pump;

    public void Remove(RunPump pump) => pumps.TryRemove((pump.Head.Tenancy, pump.Head.StreamId), out _);

    public RunPump? Find(Tenancy tenancy, string runId) => pumps.GetValueOrDefault((tenancy, runId));
}
