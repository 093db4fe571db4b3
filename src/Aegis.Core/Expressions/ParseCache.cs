using System.Collections.Concurrent;

namespace Aegis.Core.Expressions;

/// <summary>Keeps parsed texts, since a run asks for the same few conditions for each of its tasks. Two
/// generations bound it: when the young one is full it becomes the old one, and what is still asked for moves
/// back. It is the core's only shared state, and answers are the same with and without it.</summary>
internal sealed class ParseCache<TKey, TValue>(int generationMax, Func<TKey, TValue> parse)
    where TKey : notnull
{
    private readonly Lock turning = new();
    private volatile ConcurrentDictionary<TKey, TValue> young = new();
    private volatile ConcurrentDictionary<TKey, TValue> old = new();
    private int youngCount;

    public int Count => young.Count + old.Count;

    public TValue Get(TKey key)
    {
        if (young.TryGetValue(key, out var value))
        {
            return value;
        }
        if (!old.TryGetValue(key, out value))
        {
            value = parse(key);
        }
        if (young.TryAdd(key, value) && Interlocked.Increment(ref youngCount) >= generationMax)
        {
            Turn();
        }
        return value;
    }

    private void Turn()
    {
        lock (turning)
        {
            if (youngCount >= generationMax)
            {
                old = young;
                young = new ConcurrentDictionary<TKey, TValue>();
                youngCount = 0;
            }
        }
    }
}
