using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Processes;

namespace Aegis.Gate;

/// <summary>What a command takes, or took.</summary>
/// <param name="CpuPercent">Of one core, between the last two looks.</param>
/// <param name="PeakMemoryBytes">The most that was seen.</param>
public sealed record CommandUsage(TimeSpan Cpu, double CpuPercent, long MemoryBytes, long PeakMemoryBytes,
    int Processes);

/// <summary>Looks at a command's processes a few times a second while it runs. A command that is shorter than
/// a look is seen once, at its start.</summary>
internal sealed class CommandMeter : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private readonly PidRecord root;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock looking = new();
    private long lookedAt;

    public CommandMeter(PidRecord root, TimeProvider time)
    {
        (this.root, this.time, lookedAt) = (root, time, time.GetTimestamp());
        Look();
        timer = time.CreateTimer(_ => Look(), null, Every, Every);
    }

    /// <summary>As of the last look.</summary>
    public CommandUsage Usage { get; private set; } = new(TimeSpan.Zero, 0, 0, 0, 0);

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        lock (looking)
        {
            if (TreeUsage.Of(root) is not { } now)
            {
                return;
            }
            var since = time.GetElapsedTime(lookedAt);
            lookedAt = time.GetTimestamp();
            // what ended without being waited for takes its time with it
            var cpu = now.Cpu > Usage.Cpu ? now.Cpu : Usage.Cpu;
            var percent = since > TimeSpan.Zero ? (cpu - Usage.Cpu) / since * 100 : 0;
            Usage = new CommandUsage(cpu, Math.Round(percent, 1), now.MemoryBytes,
                Math.Max(Usage.PeakMemoryBytes, now.MemoryBytes), now.Processes);
        }
    }
}

/// <summary>The sandboxed commands that run on this node, by run.</summary>
public sealed class LiveCommands
{
    private readonly ConcurrentDictionary<RunId, CommandMeter> meters = new();

    /// <summary>What the newest command of a run takes; null where none runs here.</summary>
    public CommandUsage? Find(RunId run) => meters.GetValueOrDefault(run)?.Usage;

    internal void Add(RunId run, CommandMeter meter) => meters[run] = meter;

    internal void Remove(RunId run, CommandMeter meter) =>
        meters.TryRemove(new KeyValuePair<RunId, CommandMeter>(run, meter));
}
