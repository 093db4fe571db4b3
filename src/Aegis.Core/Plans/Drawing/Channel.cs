using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>Slots of one layer that all lead to the same slots of the next: one line joins them.</summary>
/// <param name="Exits">Columns below the sources.</param>
/// <param name="Entries">Columns above the targets, each its own: where two nets lead to one box, they come
/// in side by side and are never joined.</param>
/// <param name="Row">Of its part that runs across, from 0; -1 where it only runs down.</param>
internal sealed record Net(ImmutableArray<int> Exits, ImmutableArray<(Slot Target, int Column)> Entries,
    int Row)
{
    public IEnumerable<int> Columns => Exits.Concat(Entries.Select(e => e.Column));

    public bool IsStraight => Columns.Distinct().Count() == 1;
}

/// <summary>The lines between two layers. A net takes the first row in which it touches no other, below those
/// whose column it would run into.</summary>
internal static class Channel
{
    /// <summary>Null where nets would have to run through one another.</summary>
    public static ImmutableArray<Net>? Route(List<Slot> above, Func<Slot, int> columnOf,
        Func<Slot, (int Left, int Right)> spanOf)
    {
        var groups = above.Where(s => s.Down.Count > 0)
            .GroupBy(s => string.Join(',', s.Down.Select(d => d.Order).Order()))
            .Select(g => (Exits: g.Select(columnOf).ToImmutableArray(), Targets: g.First().Down))
            .OrderBy(g => g.Exits.Average()).ToList();
        var taken = new HashSet<(Slot, int)>();
        var nets = new List<Net>();
        foreach (var (exits, targets) in groups)
        {
            var others = groups.SelectMany(g => g.Exits).Except(exits).ToHashSet();
            var entries = ImmutableArray.CreateBuilder<(Slot, int)>();
            foreach (var target in targets)
            {
                var wanted = targets.Count == 1 && exits.Length == 1 ? exits[0] : columnOf(target);
                if (Port(spanOf(target), wanted, columnOf(target),
                    c => !others.Contains(c) && !Near(taken, target, c)) is not { } column)
                {
                    return null;
                }
                taken.Add((target, column));
                entries.Add((target, column));
            }
            nets.Add(new Net(exits, entries.ToImmutable(), -1));
        }
        return Rows(nets);
    }

    private static bool Near(HashSet<(Slot, int)> taken, Slot target, int column) =>
        taken.Contains((target, column - 1)) || taken.Contains((target, column))
        || taken.Contains((target, column + 1));

    /// <summary>The free column of a box that is nearest to the wanted one.</summary>
    private static int? Port((int Left, int Right) span, int wanted, int middle, Func<int, bool> isFree)
    {
        var at = wanted >= span.Left && wanted <= span.Right ? wanted : middle;
        return Enumerable.Range(span.Left, span.Right - span.Left + 1).Where(isFree)
            .OrderBy(c => Math.Abs(c - at)).Select(c => (int?)c).FirstOrDefault();
    }

    private static ImmutableArray<Net> Rows(List<Net> nets)
    {
        // long lines first: they lie close to the boxes above, short ones below them
        var rows = new List<List<(int From, int To)>>();
        return
        [
            .. nets.OrderByDescending(n => n.Columns.Max() - n.Columns.Min()).Select(net =>
            {
                if (net.IsStraight)
                {
                    return net;
                }
                var (from, to) = (net.Columns.Min(), net.Columns.Max());
                var row = rows.FindIndex(r => r.TrueForAll(other => to + 1 < other.From || other.To
                    + 1 < from));
                if (row < 0)
                {
                    row = rows.Count;
                    rows.Add([]);
                }
                rows[row].Add((from, to));
                return net with { Row = row };
            }),
        ];
    }
}
