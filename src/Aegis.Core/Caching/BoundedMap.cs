using System.Collections.Concurrent;

namespace Aegis.Core.Caching;

/// <summary>What a node remembers of what it can read again, and no more of it than so many.</summary>
public static class BoundedMap
{
    /// <summary>Keeps a value. At the limit a new key empties the map; one that is there takes no
    /// place.</summary>
    public static TValue Keep<TKey, TValue>(
        this ConcurrentDictionary<TKey, TValue> map, TKey key, TValue value, int max)
        where TKey : notnull
    {
        if (map.Count >= max && !map.ContainsKey(key))
        {
            map.Clear();
        }
        return map[key] = value;
    }
}
