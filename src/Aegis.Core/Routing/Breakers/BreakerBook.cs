using System.Collections.Concurrent;

namespace Aegis.Core.Routing.Breakers;

/// <summary>The breakers of all models that are asked with the same keys: a tenant with keys of its own has a
/// book of its own, or its limits would close a model to others. Any thread may ask and report; a breaker is
/// a value that is replaced whole.</summary>
public sealed class BreakerBook(BreakerRules rules)
{
    private readonly ConcurrentDictionary<ModelKey, BreakerState> _breakers = new();

    public BreakerState Of(ModelKey model) => _breakers.GetValueOrDefault(model, BreakerState.New);

    /// <summary>Lets a call in, or says when it may come again.</summary>
    public BreakerEntry Enter(ModelKey model, DateTimeOffset now)
    {
        while (true)
        {
            var before = Of(model);
            var entry = Breaker.Enter(before, now, rules);
            if (ReferenceEquals(entry.State, before) || Replace(model, before, entry.State))
            {
                return entry;
            }
        }
    }

    public void Report(ModelKey model, int epoch, BreakerVerdict verdict, TimeSpan? retryAfter,
        DateTimeOffset now)
    {
        while (true)
        {
            var before = Of(model);
            var after = Breaker.Report(before, epoch, verdict, retryAfter, now, rules);
            if (ReferenceEquals(after, before) || Replace(model, before, after))
            {
                return;
            }
        }
    }

    // an equal value in its place is as good as the same one
    private bool Replace(ModelKey model, BreakerState before, BreakerState after) =>
        _breakers.TryUpdate(model, after, before)
        || (ReferenceEquals(before, BreakerState.New) && _breakers.TryAdd(model, after));
}
