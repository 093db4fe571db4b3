using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>
/// The one way by which events come into the ledger on a node. The bound of a durable engine is the fsync, so
/// all appends that wait go out in one transaction. A thread of its own with synchronous calls was measured
/// faster than the thread pool by a quarter: each append's continuation runs on it right after the commit
/// (half of a large flush's on the <see cref="SecondTeller"/>), so that the next step is in the queue before
/// the next flush.
/// 1. take what waits (up to <see cref="EventsPerFlushMax"/> events); 2. insert under the fence; 3. tell the
/// appenders. A unique violation rolls all back: 4. losers are looked up and dropped, the rest goes again. A
/// broken connection leaves the outcome unknown: 5. reconnect, look up, and send what is not there.
/// </summary>
public sealed class GroupCommit : IDisposable
{
    public const int EventsPerFlushMax = 1000;

    /// <summary>Fewer appenders are told sooner by one thread than handed to another.</summary>
    private const int SharedFrom = 8;

    private readonly AppendConnection connection;
    private readonly Lock gate = new();
    private readonly AutoResetEvent arrived = new(false);
    private readonly Thread thread;
    private readonly SecondTeller second;
    private List<Append> waiting = [];
    private volatile bool stopping;
    private volatile bool fenced;

    public GroupCommit(AppendConnection connection, string name = "aegis-commit")
    {
        this.connection = connection;
        second = new SecondTeller(name + "-2");
        thread = new Thread(Loop) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>True once the node's lease was found gone.</summary>
    public bool Fenced => fenced;

    /// <summary>Completes with the reason when nothing can be appended any more: fenced, or PostgreSQL gone
    /// for longer than the connection waits.</summary>
    public Task<string> Lost => lost.Task;

    private readonly TaskCompletionSource<string> lost =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Enqueue(Append append)
    {
        bool wake;
        lock (gate)
        {
            wake = waiting.Count == 0;
            waiting.Add(append);
        }
        if (wake && Environment.CurrentManagedThreadId is var me
            && me != thread.ManagedThreadId && me != second.ThreadId)
        {
            arrived.Set();
        }
    }

    /// <summary>Appends and waits for the commit; for callers off the commit thread.</summary>
    public Task<AppendOutcome> AppendAsync(
        StreamHead head, IReadOnlyList<ChainedEvent> events, bool isNewStream)
    {
        var done = new TaskCompletionSource<AppendOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new Append(head, events, isNewStream, done.SetResult));
        return done.Task;
    }

    public void Dispose()
    {
        stopping = true;
        arrived.Set();
        thread.Join();
        second.Dispose();
        arrived.Dispose();
        connection.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            var flush = Take();
            if (flush.Count > 0)
            {
                Flush(flush);
            }
            else if (stopping)
            {
                return;
            }
            else
            {
                arrived.WaitOne();
            }
        }
    }

    private List<Append> Take()
    {
        lock (gate)
        {
            var (count, events) = (0, 0);
            while (count < waiting.Count
                && (count == 0 || events + waiting[count].Events.Count <= EventsPerFlushMax))
            {
                events += waiting[count++].Events.Count;
            }
            if (count == waiting.Count)
            {
                (var all, waiting) = (waiting, []);
                return all;
            }
            var some = waiting.GetRange(0, count);
            waiting.RemoveRange(0, count);
            return some;
        }
    }

    private void Flush(List<Append> flush)
    {
        var trouble = new FlushTrouble();
        while (flush.Count > 0)
        {
            if (fenced)
            {
                Tell(flush, AppendOutcome.Fenced);
                return;
            }
            try
            {
                if (connection.Insert(flush))
                {
                    TellCommitted(flush);
                    return;
                }
                Lose("the node's lease is gone: another node has taken its runs over");
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                flush = WithoutLosers(flush);
            }
            catch (Exception e) when (IsPassing(e))
            {
                if (!trouble.Wait())
                {
                    Lose($"PostgreSQL takes no append: {e.Message}");
                    continue;
                }
                flush = AfterBreak(flush, e);
            }
        }
    }

    /// <summary>Some append met a version that is taken. Detail of the violation is hidden under row
    /// security, so the table is asked.</summary>
    private List<Append> WithoutLosers(List<Append> flush)
    {
        if (Found(flush, first: true) is not { } there || Taken(flush) is not { } taken)
        {
            return flush;
        }
        var rest = new List<Append>();
        foreach (var append in flush)
        {
            if (there.TryGetValue((append.Head.Key, append.Events[0].Version), out var hash))
            {
                // a flush whose answer was lost with its connection may have been committed after all
                var ours = hash.AsSpan().SequenceEqual(append.Events[0].Hash);
                append.Done(ours ? AppendOutcome.Committed : AppendOutcome.Conflict);
            }
            else if (append.IsNewStream && !taken.TryAdd((append.Head.Keys.Tenant,
                append.Head.Keys.Project, append.Head.StreamId), append.Head.Key))
            {
                // another stream has the id, be it in the table or further ahead in this flush
                append.Done(AppendOutcome.Conflict);
            }
            else
            {
                rest.Add(append);
            }
        }
        if (rest.Count == flush.Count)
        {
            Lose("a unique violation that no append explains");
        }
        return rest;
    }

    private List<Append> AfterBreak(List<Append> flush, Exception broken)
    {
        try
        {
            connection.Reconnect(() => stopping);
        }
        catch (Exception e) when (IsPassing(e))
        {
            Lose($"PostgreSQL does not answer: {broken.Message}");
            return flush;
        }
        if (Found(flush, first: false) is not { } there)
        {
            return flush;
        }
        var rest = new List<Append>();
        foreach (var append in flush)
        {
            var last = append.Events[^1];
            if (there.TryGetValue((append.Head.Key, last.Version), out var hash)
                && hash.AsSpan().SequenceEqual(last.Hash))
            {
                append.Done(AppendOutcome.Committed);
            }
            else
            {
                rest.Add(append);
            }
        }
        return rest;
    }

    /// <summary>What of a flush is in the table; null where the connection broke again, and the flush is to
    /// be tried again.</summary>
    private Dictionary<(long Stream, int Version), byte[]>? Found(List<Append> flush, bool first)
    {
        try
        {
            return connection.Find(flush, first);
        }
        catch (Exception e) when (IsPassing(e))
        {
            return null;
        }
    }

    private Dictionary<(int Tenant, int Project, string Id), long>? Taken(List<Append> flush)
    {
        try
        {
            return connection.Taken(flush);
        }
        catch (Exception e) when (IsPassing(e))
        {
            return null;
        }
    }

    private static bool IsPassing(Exception error) =>
        error is NpgsqlException or TimeoutException or IOException;

    /// <summary>Gives up: every append from now on is fenced.</summary>
    public void Lose(string reason)
    {
        fenced = true;
        lost.TrySetResult(reason);
    }

    /// <summary>A stream's appends are told by one thread, so that they keep their order.</summary>
    private void TellCommitted(List<Append> flush)
    {
        if (flush.Count < SharedFrom)
        {
            Tell(flush, AppendOutcome.Committed);
            return;
        }
        var (mine, its) = (new List<Append>(flush.Count), new List<Append>(flush.Count));
        foreach (var append in flush)
        {
            ((append.Head.Key & 1) == 0 ? mine : its).Add(append);
        }
        second.Give(its);
        Tell(mine, AppendOutcome.Committed);
        second.Wait();
    }

    private static void Tell(List<Append> flush, AppendOutcome outcome)
    {
        foreach (var append in flush)
        {
            append.Done(outcome);
        }
    }
}
