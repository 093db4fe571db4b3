using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core;
using Aegis.Engine.Schedules;
using Aegis.Ledger;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Routing;
using Aegis.Ledger.Tenants;
using Aegis.Models.Learning;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Learning;

/// <summary>What learning works with.</summary>
/// <param name="FactWaits">Told when a fact waits to be moved into its stream.</param>
public sealed record LearningParts(LedgerDatabase Database, TenantDirectory Tenants, ModelMemory Memory,
    WakeSignal Wake, Action FactWaits, TimeProvider Time, ILogger Log);

/// <summary>
/// Keeps a node's memory of models in step with the ledger. At start: what was kept last, then the verdicts
/// since. On each beat: 1. verdicts of all nodes, in one order; 2. models that calls named are judged, and
/// what is decided is written; 3. what stands in each project; 4. each minute, and at the stop, the state is
/// kept. Latency and errors are a node's own and known to others only by what was kept: they are many, and
/// each node finds them out within seconds.
/// </summary>
public sealed class LearningWork : IAsyncDisposable
{
    public static TimeSpan SaveEvery { get; } = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private readonly LearningParts parts;
    private readonly VerdictFeed verdicts;
    private readonly ReplacementTable replacements;
    private readonly SemaphoreSlim turning = new(1);
    private Beat? beat;
    private FeedCursor cursor = FeedCursor.Start;
    private long kept = -1;
    private DateTimeOffset savedAt;
    private DateTimeOffset prunedAt;

    private LearningWork(LearningParts parts)
    {
        this.parts = parts;
        verdicts = new VerdictFeed(parts.Database);
        replacements = new ReplacementTable(parts.Database);
        savedAt = parts.Time.GetUtcNow();
    }

    /// <summary>Returns once all that the ledger knows is learned.</summary>
    public static async Task<LearningWork> StartAsync(LearningParts parts, CancellationToken cancel)
    {
        var work = new LearningWork(parts);
        await work.LoadAsync(cancel);
        await work.FollowAsync(cancel);
        await work.StandingAsync(cancel);
        work.kept = parts.Memory.Folded;
        work.beat = new Beat("learning", work.TurnAsync, parts.Wake, parts.Time, parts.Log);
        return work;
    }

    public async ValueTask DisposeAsync()
    {
        if (beat is not null)
        {
            await beat.DisposeAsync();
        }
        await parts.Memory.FoldedAsync();
        try
        {
            await SaveAsync(CancellationToken.None);
        }
        catch (Exception e) when (PassingFault.Is(e))
        {
            TriggerLog.TurnBroke(parts.Log, "learning", "the last minute of it is lost", e);
        }
        turning.Dispose();
    }

    internal async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        await turning.WaitAsync(cancel);
        try
        {
            await LearnAsync(cancel);
            return null;
        }
        finally
        {
            turning.Release();
        }
    }

    private async Task LearnAsync(CancellationToken cancel)
    {
        await FollowAsync(cancel);
        await JudgeAsync(cancel);
        await StandingAsync(cancel);
        var now = parts.Time.GetUtcNow();
        if (now - savedAt >= SaveEvery)
        {
            await SaveAsync(cancel);
        }
        if (now - prunedAt >= PruneEvery)
        {
            await verdicts.PruneAsync(now, cancel);
            prunedAt = now;
        }
    }

    private async Task LoadAsync(CancellationToken cancel)
    {
        if (await verdicts.LoadAsync(cancel) is not { } last)
        {
            return;
        }
        try
        {
            parts.Memory.Restore(KeptState.Read(last.State));
            cursor = last.Cursor;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            EngineLog.LearningUnreadable(parts.Log, e);
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        while (await verdicts.ReadAsync(cursor, cancel) is { Count: > 0 } page)
        {
            parts.Memory.Learn(page.Select(p => p.Verdict));
            cursor = page[^1].Cursor;
        }
    }

    private async Task JudgeAsync(CancellationToken cancel)
    {
        foreach (var (tenancy, decision) in parts.Memory.Judge(parts.Time.GetUtcNow()))
        {
            if (await parts.Tenants.ResolveAsync(tenancy, cancel) is { } keys
                && await replacements.AddAsync(keys, NewId(decision.At), decision, cancel))
            {
                EngineLog.StandsIn(parts.Log, tenancy.ToString(), decision.From.ToString(),
                    decision.To.ToString(), ReplacementTable.Word(decision.Why));
                parts.FactWaits();
            }
        }
    }

    private async Task StandingAsync(CancellationToken cancel) =>
        parts.Memory.Replace(await replacements.StandingAsync(cancel));

    private async Task SaveAsync(CancellationToken cancel)
    {
        var folded = parts.Memory.Folded;
        savedAt = parts.Time.GetUtcNow();
        if (folded == kept)
        {
            return;
        }
        await verdicts.SaveAsync(new KeptLearning(cursor, KeptState.Write(parts.Memory.Snapshot())), savedAt,
            cancel);
        kept = folded;
    }

    private static string NewId(DateTimeOffset at)
    {
        Span<byte> chance = stackalloc byte[10];
        RandomNumberGenerator.Fill(chance);
        return SortableId.Make("rep_", at, chance);
    }
}
