using Aegis.Core.Caching;

namespace Aegis.Models.Caching;

/// <summary>Which answers the ledger may hold, by the first eight bytes of their keys, so that a call without
/// one never asks it. Two generations: when the young one is full it becomes the old one, and what was in
/// that is forgotten.</summary>
internal sealed class KnownAnswers(int headsMax)
{
    private readonly Lock _lock = new();
    private HashSet<ulong> _young = [];
    private HashSet<ulong> _old = [];
    private bool _isComplete;

    /// <summary>Heads that are loaded at once.</summary>
    public int LoadMost => headsMax / 2;

    public bool MayHold(in AnswerKey key)
    {
        lock (_lock)
        {
            // before the first look at the ledger it may hold anything
            return !_isComplete || _young.Contains(key.Head) || _old.Contains(key.Head);
        }
    }

    /// <summary>What the ledger told.</summary>
    public void Load(IEnumerable<ulong> heads)
    {
        lock (_lock)
        {
            Add(heads);
            _isComplete = true;
        }
    }

    /// <summary>What this node wrote itself; it says nothing of what others did.</summary>
    public void Note(IEnumerable<AnswerToKeep> written)
    {
        lock (_lock)
        {
            Add(written.Select(answer => answer.Key.Head));
        }
    }

    /// <summary>The ledger did not hold it.</summary>
    public void Remove(in AnswerKey key)
    {
        lock (_lock)
        {
            _young.Remove(key.Head);
            _old.Remove(key.Head);
        }
    }

    private void Add(IEnumerable<ulong> heads)
    {
        foreach (var head in heads)
        {
            if (_young.Count >= headsMax / 2)
            {
                (_old, _young) = (_young, []);
            }
            _young.Add(head);
        }
    }
}
