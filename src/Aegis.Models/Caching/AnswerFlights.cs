using Aegis.Core.Caching;

namespace Aegis.Models.Caching;

/// <summary>Calls of one key that are under way on this node: the first asks the model, the others wait for
/// its answer. Where that is not kept, each of them asks for itself.</summary>
internal sealed class AnswerFlights
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AnswerKey, AnswerFlight> _leading = [];

    public AnswerFlight Enter(in AnswerKey key)
    {
        lock (_lock)
        {
            return _leading.TryGetValue(key, out var leader) ? new(this, key, leader.Follow())
                : _leading[key] = new(this, key, null);
        }
    }

    internal TaskCompletionSource<CachedAnswer?>? Leave(in AnswerKey key, AnswerFlight flight)
    {
        lock (_lock)
        {
            _leading.Remove(key);
            return flight.Followers;
        }
    }
}

/// <summary>One call in it. Dispose of it when the call has ended, in whichever way.</summary>
public sealed class AnswerFlight : IDisposable
{
    private readonly AnswerFlights _flights;
    private readonly AnswerKey _key;
    private readonly Task<CachedAnswer?>? _awaited;
    private bool _hasLeft;

    internal AnswerFlight(AnswerFlights flights, in AnswerKey key, Task<CachedAnswer?>? awaited) =>
        (_flights, _key, _awaited) = (flights, key, awaited);

    /// <summary>Whether this call asks the model, and others may wait for it.</summary>
    public bool Leads => _awaited is null;

    // under the lock of the flights
    internal TaskCompletionSource<CachedAnswer?>? Followers { get; private set; }

    /// <summary>The leader's answer; null where it brought none that is kept, and for the leader
    /// itself.</summary>
    public async ValueTask<CachedAnswer?> AnswerAsync(CancellationToken cancel) =>
        _awaited is null ? null : await _awaited.WaitAsync(cancel);

    /// <summary>The leader has the answer; null where there is none to give on.</summary>
    public void Land(CachedAnswer? answer)
    {
        if (!Leads || _hasLeft)
        {
            return;
        }
        _hasLeft = true;
        _flights.Leave(_key, this)?.TrySetResult(answer);
    }

    public void Dispose() => Land(null);

    internal Task<CachedAnswer?> Follow() => (Followers ??= new(
        TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
