using System.Collections.Concurrent;
using Aegis.Core;

namespace Aegis.Gate.Terminals;

/// <summary>The terminals of this node, by the run whose call opened each. One that has ended stays until its
/// owner has seen the end, or <see cref="EndedFor"/>.</summary>
public sealed class LiveTerminals(TimeProvider time)
{
    /// <summary>Of one node.</summary>
    public const int TerminalsMax = 64;

    /// <summary>How long the end of a terminal can be read that nobody is attached to.</summary>
    public static readonly TimeSpan EndedFor = TimeSpan.FromMinutes(2);

    private readonly Lock adding = new();
    private readonly ConcurrentDictionary<RunId, LiveTerminal> live = new();
    private readonly ConcurrentDictionary<RunId, TaskCompletionSource<LiveTerminal>> awaited = new();

    public LiveTerminal? Find(RunId run) => live.GetValueOrDefault(run);

    public IReadOnlyList<LiveTerminal> Of(Tenancy tenancy) =>
        [.. live.Values.Where(t => t.Tenancy == tenancy).OrderBy(t => t.OpenedAt)];

    /// <summary>The terminal that a call is about to open.</summary>
    public async Task<LiveTerminal> OpenedAsync(RunId run, CancellationToken cancel)
    {
        var opened = awaited.GetOrAdd(run,
            _ => new TaskCompletionSource<LiveTerminal>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            return Find(run) ?? await opened.Task.WaitAsync(cancel);
        }
        finally
        {
            awaited.TryRemove(run, out _);
        }
    }

    internal void Add(LiveTerminal terminal)
    {
        // counted and added in one: two that come together must not both be the last
        lock (adding)
        {
            if (live.Count >= TerminalsMax)
            {
                throw new Core.Errors.AegisException(TerminalErrors.TooMany(TerminalsMax));
            }
            live[terminal.Run] = terminal;
        }
        if (awaited.TryGetValue(terminal.Run, out var waiting))
        {
            waiting.TrySetResult(terminal);
        }
    }

    /// <summary>It has ended; somebody may still want to read how.</summary>
    internal void Retire(LiveTerminal terminal)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(_ =>
        {
            live.TryRemove(new KeyValuePair<RunId, LiveTerminal>(terminal.Run, terminal));
            terminal.Tape.LetGo();
            terminal.Dispose();
            timer?.Dispose();
        }, null, EndedFor, Timeout.InfiniteTimeSpan);
    }
}
