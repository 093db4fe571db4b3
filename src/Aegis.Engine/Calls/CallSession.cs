using System.Threading.Channels;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Calls;

/// <summary>Who calls tools outside of a run, and the stream that keeps what came of it. Many calls may be
/// under way at once: they are chained in the order in which they end, and wait for their commit
/// together.</summary>
public sealed class CallSession
{
    /// <summary>Calls of one session; a client that makes more opens another.</summary>
    public const int CallsMax = 10_000_000;

    /// <summary>Facts of one session that wait for their commit before its calls wait too.</summary>
    public const int WaitingMax = 4_096;

    /// <summary>How long a recorded fact waits for others before they are committed together.</summary>
    public static TimeSpan GatherFor { get; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Facts that are committed together.</summary>
    internal const int BatchMax = 512;

    private readonly EngineNode node;
    private readonly StreamHead head;
    private readonly Lock appending = new();

    private readonly Channel<Record> records = Channel.CreateBounded<Record>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    private int calls;
    private int ended;
    private int recordsBegun;
    private volatile bool isLost;
    private volatile Task recording = Task.CompletedTask;

    internal CallSession(EngineNode node, StreamHead head, SessionOpened opened, Principal by)
    {
        (this.node, this.head) = (node, head);
        (Facts, By) = (opened, by);
    }

    public string Id => Facts.SessionId;

    public Principal By { get; }

    public SessionOpened Facts { get; }

    public TenancyKeys Keys => head.Keys;

    internal SessionUsage Usage { get; } = new();

    /// <summary>The number of the next call, from 1; null past <see cref="CallsMax"/>.</summary>
    internal int? NextCall() => Interlocked.Increment(ref calls) is var number and > 0 and <= CallsMax
        ? number
        : null;

    /// <summary>The fact is committed once this completes with true.</summary>
    internal async ValueTask<bool> AppendAsync(RunEvent fact, bool first = false)
    {
        var payload = RunEventCodec.Encode(fact);
        Task<AppendOutcome> committed;
        bool asked;
        lock (appending)
        {
            var at = node.Parts.Time.GetUtcNow();
            var chained = head.Chain(fact.GetType().Name, at, payload);
            committed = node.Commit.AppendAsync(head, [chained], first);
            asked = Usage.Add(fact, at, committed);
        }
        if (await committed != AppendOutcome.Committed)
        {
            return false;
        }
        if (asked)
        {
            node.ReadModels.MarkDirty(this);
        }
        return true;
    }

    /// <summary>Leaves a fact that nobody waits for to be chained and committed with others, unless too many
    /// wait already.</summary>
    /// <exception cref="AegisException">One before it was not committed: this node writes nothing any
    /// more.</exception>
    internal ValueTask RecordAsync(RunEvent fact)
    {
        if (isLost)
        {
            throw new AegisException(PumpErrors.NotHere);
        }
        if (Interlocked.Exchange(ref recordsBegun, 1) == 0)
        {
            node.Recordings.Add(this);
            recording = Task.Run(RecordAllAsync);
        }
        var record = new Record(fact, node.Parts.Time.GetUtcNow());
        return records.Writer.TryWrite(record) ? ValueTask.CompletedTask : records.Writer.WriteAsync(record);
    }

    /// <summary>No fact is recorded any more, and those that were are committed.</summary>
    internal async Task FinishAsync()
    {
        records.Writer.TryComplete();
        await recording;
    }

    private async Task RecordAllAsync()
    {
        var batch = new List<ChainedEvent>();
        var taken = new List<Record>();
        while (await records.Reader.WaitToReadAsync())
        {
            // a few milliseconds gather what would each be a commit of its own
            await Task.Delay(GatherFor, node.Parts.Time);
            batch.Clear();
            taken.Clear();
            Task<AppendOutcome> committed;
            var asked = false;
            lock (appending)
            {
                while (batch.Count < BatchMax && records.Reader.TryRead(out var record))
                {
                    taken.Add(record);
                    batch.Add(head.Chain(record.Fact.GetType().Name, record.At,
                        RunEventCodec.Encode(record.Fact)));
                }
                committed = node.Commit.AppendAsync(head, [.. batch], isNewStream: false);
                foreach (var record in taken)
                {
                    asked |= Usage.Add(record.Fact, record.At, committed);
                }
            }
            if (await committed != AppendOutcome.Committed)
            {
                isLost = true;
                records.Writer.TryComplete(new AegisException(PumpErrors.NotHere));
                return;
            }
            if (asked)
            {
                node.ReadModels.MarkDirty(this);
            }
        }
    }

    private readonly record struct Record(RunEvent Fact, DateTimeOffset At);

    /// <summary>Nothing is appended any more; a call that is still under way writes its last fact.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            _ = CloseAsync();
        }
    }

    private async Task CloseAsync()
    {
        await FinishAsync();
        node.Recordings.Remove(this);
        node.ReadModels.Close(head.Key);
    }
}
