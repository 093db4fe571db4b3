using System.Collections.Concurrent;
using System.Threading.Channels;
using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Routing.Replacements;

namespace Aegis.Models.Learning;

/// <summary>
/// A node's learning. Calls leave their facts in a queue, one reader folds them, and choices read meanwhile
/// without a lock. Rejected: folding within the call, which would make calls wait for each other. Whoever
/// keeps it over a restart takes <see cref="Snapshot"/> and gives it back to <see cref="Restore"/>.
/// </summary>
public sealed class ModelMemory : IModelMemory, IAsyncDisposable
{
    /// <summary>Facts that wait to be folded; about ten seconds of a busy node.</summary>
    public const int ReportsWaitingMax = 65_536;

    /// <summary>Owners of keys whose breakers are held; past it they all begin anew, closed.</summary>
    public const int KeyOwnersMax = 10_000;

    /// <summary>Named models that wait for being judged; calls name the rest again.</summary>
    public const int WatchedMax = 4_096;

    private readonly Channel<ModelFact> reports = Channel.CreateBounded<ModelFact>(
        new BoundedChannelOptions(ReportsWaitingMax)
        {
            SingleReader = true, FullMode = BoundedChannelFullMode.Wait,
        });

    private readonly BreakerRules breakerRules;
    private readonly ReplacementRules replacementRules;
    private readonly BreakerBook host;
    private readonly ConcurrentDictionary<string, BreakerBook> owners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Tenancy, ModelReplacements> replacements = new();
    private readonly ConcurrentDictionary<(Tenancy, string, ModelKey), NamedModel> watched = new();
    private readonly Lock folding = new();
    private readonly Task loop;
    private volatile ModelLearning learning;
    private long folded;
    private long forgotten;

    public ModelMemory(LearningRules? rules = null, BreakerRules? breakers = null,
        ReplacementRules? replacements = null)
    {
        learning = new ModelLearning(rules ?? LearningRules.Default);
        breakerRules = breakers ?? BreakerRules.Default;
        replacementRules = replacements ?? ReplacementRules.Default;
        host = new BreakerBook(breakerRules);
        loop = Task.Run(FoldAsync);
    }

    public ModelLearning Learning => learning;

    /// <summary>Facts that were folded since the start.</summary>
    public long Folded => Interlocked.Read(ref folded);

    /// <summary>Reports that found the queue full.</summary>
    public long Forgotten => Interlocked.Read(ref forgotten);

    public BreakerBook Breakers(string? keyOwner)
    {
        if (keyOwner is null)
        {
            return host;
        }
        if (owners.Count >= KeyOwnersMax && !owners.ContainsKey(keyOwner))
        {
            owners.Clear();
        }
        return owners.GetOrAdd(keyOwner, _ => new BreakerBook(breakerRules));
    }

    /// <summary>How a model's breaker stands for a tenant: that of its own keys where it has been used, else
    /// that of the host's.</summary>
    public BreakerState Breaker(string tenant, ModelKey model) =>
        owners.TryGetValue(tenant, out var own) && own.Of(model) is var state
            && !ReferenceEquals(state, BreakerState.New) ? state : host.Of(model);

    public void Report(ModelFact fact)
    {
        if (!reports.Writer.TryWrite(fact))
        {
            Interlocked.Increment(ref forgotten);
        }
    }

    public ModelKey Follow(ModelKey named, string taskType, Tenancy tenancy) =>
        replacements.TryGetValue(tenancy, out var decisions) ? decisions.Follow(named, taskType).Model
            : named;

    public void Watch(NamedModel named)
    {
        var key = (named.Tenancy, named.TaskType, named.Model);
        if (watched.Count < WatchedMax || watched.ContainsKey(key))
        {
            watched[key] = named;
        }
    }

    /// <summary>Judges every model that was named since the last time.</summary>
    public IReadOnlyList<(Tenancy Tenancy, ModelReplaced Decision)> Judge(DateTimeOffset now)
    {
        var decided = new List<(Tenancy, ModelReplaced)>();
        foreach (var key in watched.Keys)
        {
            if (watched.TryRemove(key, out var named) && ModelWatch.Judge(named.Model, named.Tenancy.Tenant,
                named.TaskType, named.Candidates, learning, Breakers(named.KeyOwner), now, replacementRules)
                is { } decision)
            {
                decided.Add((named.Tenancy, decision));
            }
        }
        return decided;
    }

    /// <summary>The decisions that stand in a project.</summary>
    public ModelReplacements Replacements(Tenancy tenancy) =>
        replacements.GetValueOrDefault(tenancy, ModelReplacements.None);

    /// <summary>Puts what stands in each project in the place of all that stood.</summary>
    public void Replace(IReadOnlyDictionary<Tenancy, ModelReplacements> standing)
    {
        foreach (var tenancy in replacements.Keys.Where(t => !standing.ContainsKey(t)))
        {
            replacements.TryRemove(tenancy, out _);
        }
        foreach (var (tenancy, decisions) in standing)
        {
            replacements[tenancy] = decisions;
        }
    }

    /// <summary>Folds facts at once, such as verdicts that came from another node.</summary>
    public void Learn(IEnumerable<ModelFact> facts)
    {
        lock (folding)
        {
            foreach (var fact in facts)
            {
                learning.Apply(fact);
                Interlocked.Increment(ref folded);
            }
        }
    }

    public LearningSnapshot Snapshot()
    {
        lock (folding)
        {
            return learning.Snapshot();
        }
    }

    public void Restore(LearningSnapshot snapshot)
    {
        lock (folding)
        {
            learning = ModelLearning.From(snapshot, learning.Rules);
        }
    }

    /// <summary>Completes once all that was reported before is folded.</summary>
    public async Task FoldedAsync()
    {
        var marker = new Marker();
        try
        {
            await reports.Writer.WriteAsync(marker);
        }
        catch (ChannelClosedException)
        {
            await loop;
            return;
        }
        await marker.Passed.Task;
    }

    /// <summary>What is in the queue is folded first.</summary>
    public async ValueTask DisposeAsync()
    {
        reports.Writer.TryComplete();
        await loop;
    }

    private async Task FoldAsync()
    {
        while (await reports.Reader.WaitToReadAsync())
        {
            Learn(Waiting());
        }
    }

    private IEnumerable<ModelFact> Waiting()
    {
        while (reports.Reader.TryRead(out var fact))
        {
            if (fact is Marker marker)
            {
                marker.Passed.SetResult();
                continue;
            }
            yield return fact;
        }
    }

    /// <summary>Is no fact: it goes through the queue behind those that were there.</summary>
    private sealed record Marker() : ModelFact("", "", default, default)
    {
        public TaskCompletionSource Passed { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
