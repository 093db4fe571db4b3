using System.Collections.Concurrent;
using System.Data.Common;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Gate.Peers;
using Aegis.Ledger.Reads;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Mcp;

/// <summary>
/// How far a call's run has come, for a client that asked for it: tasks done of tasks known, over the run and
/// those that it started. 1. each fact of the streams is a message; 2. what a running command writes comes
/// between them, cut and paced; 3. so does what the tool itself says of its progress, as a part of its task.
/// Rejected: telling a tool's own figures as they are, which do not grow with those of the run.
/// </summary>
internal sealed class RunProgress : CallPeer, IAsyncDisposable
{
    /// <summary>Runs of steps that are followed beside the call's own; of further ones their end is
    /// told.</summary>
    public const int ChildrenMax = 32;

    /// <summary>A run is asked for before its stream begins.</summary>
    private static readonly TimeSpan BeginsWithin = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Task> children = new(StringComparer.Ordinal);
    private readonly RunTally tally = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource over;
    private readonly DoorParts parts;
    private readonly McpCaller caller;
    private readonly McpPeer client;
    private readonly IDisposable seat;
    private readonly LogTail tail;
    private readonly RunId run;

    public RunProgress(
        DoorParts parts, McpCaller caller, RunId run, McpPeer client, CancellationToken cancel)
    {
        (this.parts, this.caller, this.run, this.client) = (parts, caller, run, client);
        over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        tail = new LogTail(parts, caller.Keys, TellAsync, over.Token);
        tally.Known(run.Value, 1);
        seat = parts.Working().Waiting.Seat(run, this);
    }

    public override PeerAbilities Can => PeerAbilities.None;

    public ValueTask BeginAsync() => TellAsync($"{run} has begun");

    /// <summary>A fact of the run, or of one below it, in the order of its stream.</summary>
    public async ValueTask SawAsync(string of, RunEvent fact)
    {
        if (fact is ChildRunEnded ended && children.TryGetValue(ended.RunId, out var child))
        {
            // what happened in it is told before what came of it
            await child;
        }
        var (step, words) = RunTally.Read(fact);
        if (step is null)
        {
            return;
        }
        if (RunTally.Ends(fact))
        {
            await tail.EndAsync(of, step);
        }
        tally.Count(of, fact, step);
        await TellAsync($"step {step}: {words}");
        switch (fact)
        {
            case TaskStarted e:
                tail.Begin(of, e.StepId, e.Attempt);
                break;
            case ChildRunRequested e when children.Count < ChildrenMax:
                children[e.RunId] = Task.Run(() => FollowAsync(e.RunId));
                break;
        }
    }

    /// <summary>What the tool of the call says of itself.</summary>
    public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel)
    {
        var part = progress.Total is > 0 and var total ? Math.Clamp(progress.Done / total, 0, 1) : 0;
        var words = progress.Message ?? (progress.Total is null
            ? FormattableString.Invariant($"{progress.Done}")
            : FormattableString.Invariant($"{progress.Done} of {progress.Total}"));
        return TellAsync($"step {Tools.CallPlan.StepId}: {words}", part);
    }

    public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel) =>
        client.SayAsync(level, text, cancel);

    public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
        IReadOnlyList<PeerRequest> requests, CancellationToken cancel) =>
        throw new InvariantViolationException("who waits for a run is asked nothing");

    public async ValueTask DisposeAsync()
    {
        seat.Dispose();
        await over.CancelAsync();
        await Task.WhenAll(children.Values);
        await tail.DisposeAsync();
        await client.DisposeAsync();
        over.Dispose();
        turn.Dispose();
    }

    /// <param name="part">Of the task that runs.</param>
    private async ValueTask TellAsync(string words, double part = 0)
    {
        try
        {
            await turn.WaitAsync(over.Token);
            try
            {
                var (done, total) = tally.Sum();
                // a whole task is done when the run says so
                var value = Math.Min(done + part, Math.BitDecrement((float)done + 1));
                await client.Progress!.SayAsync(new CallProgress(value, total, words), done + 1);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // over: nothing is told any more
        }
    }

    private ValueTask<RunListing?> RowAsync(string child) => LaggingRow.FindAsync(parts,
        () => parts.Runs.RunAsync(caller.Keys, child, over.Token), () => Task.FromResult(true), over.Token);

    /// <summary>A run that a step of the call's stands on, to its end.</summary>
    private async Task FollowAsync(string child)
    {
        try
        {
            var follower = new EventFollower(parts, caller.Keys, caller.Token, child);
            for (var (after, ended) = (0, false); !ended;)
            {
                var page = await parts.Streams.PageAsync(
                    caller.Keys, child, after, DoorLimits.StreamPage, over.Token);
                await follower.RequireKeyAsync(over.Token);
                tally.Known(child, (page is null ? null : await RowAsync(child))?.TasksTotal);
                foreach (var fact in page?.Events ?? [])
                {
                    after = fact.Version;
                    if (fact.Payload is { } payload)
                    {
                        await SawAsync(child, RunEventCodec.Decode(fact.Type, payload));
                    }
                }
                ended = page is { Ended: true, More: false };
                if (page is null or { Ended: false, More: false })
                {
                    await follower.NewsAsync(
                        after, page is null ? BeginsWithin : DoorLimits.Heartbeat, over.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AegisException or DbException)
        {
            // over, or the key is valid no more: there is nothing to tell
        }
    }
}
