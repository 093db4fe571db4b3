namespace Aegis.Gate.Redaction;

/// <summary>What is to be masked among the held bytes, as disjoint intervals in order. Ends are added in
/// ascending order, so joining looks only at the newest ones.</summary>
internal sealed class MaskIntervals
{
    private readonly List<Interval> _list = [];
    private int _first;

    public Interval? First => _first < _list.Count ? _list[_first] : null;

    public void Add(int start, int end)
    {
        var written = false;
        while (_list.Count > _first && _list[^1] is var last && last.End >= start)
        {
            start = Math.Min(start, last.Start);
            end = Math.Max(end, last.End);
            written |= last.Written;
            _list.RemoveAt(_list.Count - 1);
        }
        _list.Add(new Interval(start, end, written));
    }

    /// <summary>What lies before the limit has left; an interval that goes on beyond it stays, as
    /// written.</summary>
    public void ConsumeFirst(int limit)
    {
        var mask = _list[_first];
        if (mask.End < limit)
        {
            _first++;
            return;
        }
        // one that ends at the limit stays too: the next byte may be masked and then belongs to the same mask
        _list[_first] = new Interval(limit, mask.End, Written: true);
    }

    public void Clear()
    {
        _list.Clear();
        _first = 0;
    }

    public void Shift(int by)
    {
        _list.RemoveRange(0, _first);
        _first = 0;
        for (var i = 0; i < _list.Count; i++)
        {
            _list[i] = _list[i] with { Start = _list[i].Start - by, End = _list[i].End - by };
        }
    }

    internal readonly record struct Interval(int Start, int End, bool Written);
}
