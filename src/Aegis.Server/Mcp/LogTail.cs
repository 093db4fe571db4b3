using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Mcp;

/// <summary>The newest words of what running attempts write, told at a pace: what came since the last time,
/// and of much of it the end. All of it is in the log.</summary>
internal sealed class LogTail : IAsyncDisposable
{
    /// <summary>Logs that are read at once; of others nothing is told.</summary>
    public const int LogsMax = 8;

    /// <summary>Characters that are told at once.</summary>
    public const int TextCharsMax = 1_024;

    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<(string Run, string Step), Line> lines = new();
    private readonly Func<string, double, ValueTask> tell;
    private readonly CancellationToken over;
    private readonly DoorParts parts;
    private readonly TenancyKeys keys;

    public LogTail(DoorParts parts, TenancyKeys keys, Func<string, double, ValueTask> tell,
        CancellationToken over) =>
        (this.parts, this.keys, this.tell, this.over) = (parts, keys, tell, over);

    public void Begin(string run, string step, int attempt)
    {
        // counted and added in one; what is there already was begun anew after a crash: its log goes on
        lock (lines)
        {
            if (lines.Count >= LogsMax || lines.ContainsKey((run, step)))
            {
                return;
            }
            var line = new Line(CancellationTokenSource.CreateLinkedTokenSource(over));
            line.Reading = Task.Run(() => ReadAsync(line, run, step, attempt));
            line.Telling = Task.Run(() => TellAsync(line, step));
            lines[(run, step)] = line;
        }
    }

    /// <summary>The attempt is over: tells what is left, and no more of it.</summary>
    public async ValueTask EndAsync(string run, string step)
    {
        if (lines.TryRemove((run, step), out var line))
        {
            await line.EndAsync();
            await TellAsync(step, line.Take());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var at in lines.Keys)
        {
            if (lines.TryRemove(at, out var line))
            {
                await line.EndAsync();
            }
        }
    }

    private async Task ReadAsync(Line line, string run, string step, int attempt)
    {
        try
        {
            await new AttemptLogs(parts, keys, run).FollowAsync(step, attempt, (_, words) =>
            {
                line.Add(words);
                return ValueTask.FromResult(true);
            }, line.Stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or AegisException or DbException)
        {
            // over, or the server stops
        }
    }

    private async Task TellAsync(Line line, string step)
    {
        try
        {
            while (true)
            {
                await line.Grown.WaitAsync(line.Stop.Token);
                await TellAsync(step, line.Take());
                await Task.Delay(Pace, parts.Time, line.Stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }

    private async ValueTask TellAsync(string step, string words)
    {
        if (words.Trim() is { Length: > 0 } said)
        {
            await tell($"step {step}: {said}", 0);
        }
    }

    private sealed class Line(CancellationTokenSource stop)
    {
        private readonly Lock gate = new();
        private readonly StringBuilder text = new();

        public CancellationTokenSource Stop => stop;

        public SemaphoreSlim Grown { get; } = new(0, 1);

        public Task Reading { get; set; } = Task.CompletedTask;

        public Task Telling { get; set; } = Task.CompletedTask;

        public void Add(string words)
        {
            lock (gate)
            {
                text.Append(words);
                if (text.Length > TextCharsMax)
                {
                    text.Remove(0, text.Length - TextCharsMax);
                }
                if (Grown.CurrentCount == 0)
                {
                    Grown.Release();
                }
            }
        }

        public string Take()
        {
            lock (gate)
            {
                var all = text.ToString();
                text.Clear();
                return all;
            }
        }

        public async Task EndAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(Reading, Telling);
            stop.Dispose();
            Grown.Dispose();
        }
    }
}
