using Aegis.Core.Caching;

namespace Aegis.Models.Caching;

/// <summary>The answers that a node holds in memory, the least recently used out first.</summary>
internal sealed class AnswerMemory(TimeProvider time, int entriesMax, long bytesMax)
{
    // of the key, the links and the objects of an entry
    private const int OverheadBytes = 400;

    private readonly Lock _lock = new();
    private readonly Dictionary<AnswerKey, LinkedListNode<Entry>> _byKey = [];
    private readonly LinkedList<Entry> _recent = new();
    private long _bytes;

    public (int Entries, long Bytes) Size
    {
        get
        {
            lock (_lock)
            {
                return (_byKey.Count, _bytes);
            }
        }
    }

    public CachedAnswer? Find(in AnswerKey key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node))
            {
                return null;
            }
            if (time.GetTimestamp() >= node.Value.Until)
            {
                Remove(node);
                return null;
            }
            if (node != _recent.First)
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
            }
            return node.Value.Answer;
        }
    }

    public void Put(in AnswerKey key, CachedAnswer answer, TimeSpan lifetime)
    {
        var until = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        var entry = new Entry(key, answer, until, answer.Body.Length + OverheadBytes);
        if (entry.Bytes > bytesMax || lifetime <= TimeSpan.Zero)
        {
            return;
        }
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var old))
            {
                Remove(old);
            }
            _byKey[key] = _recent.AddFirst(entry);
            _bytes += entry.Bytes;
            while (_byKey.Count > entriesMax || _bytes > bytesMax)
            {
                Remove(_recent.Last!);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _recent.Remove(node);
        _byKey.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry(AnswerKey Key, CachedAnswer Answer, long Until, int Bytes);
}
