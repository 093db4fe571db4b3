using System.Collections.Concurrent;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Engine.Pump;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Node;

/// <summary>What doors ask of runs: a row first, so that a crash loses no request, then the pump that owns
/// the run decides, and the row goes once the facts are committed. The other node that owns a run finds the
/// row by the notification, or at its next beat.</summary>
public sealed class CommandInbox(RunCommandTable table, LiveRuns live, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<AegisError?>> waiting = new();
    private readonly SemaphoreSlim one = new(1);

    /// <summary>Stores the command and waits for the answer where this node owns the run.</summary>
    public async Task SubmitAsync(
        RunPump? pump, Ledger.Tenants.TenancyKeys keys, string runId, string kind, object payload,
        string actor, CancellationToken cancel)
    {
        var row = JsonSerializer.SerializeToUtf8Bytes(payload);
        if (pump is null)
        {
            await table.InsertAsync(keys, runId, kind, row, actor, cancel);
            return;
        }
        var answer = new TaskCompletionSource<AegisError?>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        // alone: the notification of the row may bring another drain before the row's id is known here
        await one.WaitAsync(cancel);
        try
        {
            waiting[await table.InsertAsync(keys, runId, kind, row, actor, cancel)] = answer;
        }
        finally
        {
            one.Release();
        }
        await DrainAsync(pump.Head, cancel);
        if (await answer.Task.WaitAsync(TimeSpan.FromSeconds(30), cancel) is { } refusal)
        {
            throw new AegisException(refusal);
        }
    }

    /// <summary>Hands every stored command of this node's runs to its pump.</summary>
    public async Task DrainAsync(StreamHead? only, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            var done = new List<long>();
            foreach (var row in await table.PendingAsync(cancel))
            {
                if (only is not null && only.Key != row.StreamKey)
                {
                    continue;
                }
                if (live.All.FirstOrDefault(p => p.Head.Key == row.StreamKey) is { } pump)
                {
                    var refusal = await pump.PostAsync(Read(row));
                    done.Add(row.Id);
                    if (waiting.TryRemove(row.Id, out var answer))
                    {
                        answer.SetResult(refusal);
                    }
                }
            }
            await table.DeleteAsync(done, cancel);
        }
        finally
        {
            one.Release();
        }
    }

    private RunCommand Read(RunCommandRow row)
    {
        var payload = JsonDocument.Parse(row.Payload).RootElement;
        return row.Kind switch
        {
            "cancel" => new CancelRun(time.GetUtcNow(), row.Actor, payload.GetProperty("reason").GetString()),
            "resolve" => new ResolveTask(time.GetUtcNow(), payload.GetProperty("step").GetString()!,
                payload.GetProperty("answer").GetString()!, row.Actor),
            "approval" => new AnswerApproval(time.GetUtcNow(), payload.GetProperty("step").GetString()!,
                payload.GetProperty("granted").GetBoolean(), row.Actor,
                payload.GetProperty("reason").GetString(),
                payload.TryGetProperty("queue", out var queue) ? queue.GetString() : null),
            "pause" => new PauseRun(time.GetUtcNow(), row.Actor, payload.GetProperty("reason").GetString()),
            "resume" => new ResumeRun(time.GetUtcNow(), row.Actor),
            _ => throw new InvariantViolationException($"unknown run command {row.Kind}"),
        };
    }
}
