using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>Gives every slot the place across that is nearest to the mean of its neighbours, with its order
/// and its distances kept: the least squares of that are an isotonic regression, which pools neighbours that
/// would overlap.</summary>
internal static class Placement
{
    private const int SweepsMax = 8;

    // a way that bends is harder to follow than a box that stands aside
    private const double WayWeight = 4;

    public static void Place(ImmutableArray<List<Slot>> layers, double gap)
    {
        foreach (var layer in layers)
        {
            double left = 0;
            foreach (var slot in layer)
            {
                slot.X = left + (slot.Width / 2);
                left += slot.Width + gap;
            }
        }
        for (var sweep = 0; sweep < SweepsMax; sweep++)
        {
            var down = sweep % 2 == 0;
            foreach (var layer in down ? layers : layers.Reverse())
            {
                Fit(layer, gap, down);
            }
        }
        var least = layers.SelectMany(l => l).Min(s => s.X - (s.Width / 2));
        foreach (var slot in layers.SelectMany(l => l))
        {
            slot.X -= least;
        }
    }

    private static void Fit(List<Slot> layer, double gap, bool down)
    {
        var offsets = new double[layer.Count];
        for (var i = 1; i < layer.Count; i++)
        {
            offsets[i] = offsets[i - 1] + ((layer[i - 1].Width + layer[i].Width) / 2) + gap;
        }
        // pools of neighbours that have come to touch: the weighted mean of what each wants
        var pools = new List<(double Sum, double Weight, int Count)>();
        for (var i = 0; i < layer.Count; i++)
        {
            var near = down ? layer[i].Up : layer[i].Down;
            var weight = layer[i].IsWay ? WayWeight : near.Count == 0 ? 0.05 : 1;
            var wanted = (near.Count == 0 ? layer[i].X : near.Average(s => s.X)) - offsets[i];
            var pool = (Sum: wanted * weight, Weight: weight, Count: 1);
            while (pools.Count > 0 && pools[^1].Sum / pools[^1].Weight >= pool.Sum / pool.Weight)
            {
                var before = pools[^1];
                pools.RemoveAt(pools.Count - 1);
                pool = (before.Sum + pool.Sum, before.Weight + pool.Weight, before.Count + pool.Count);
            }
            pools.Add(pool);
        }
        var at = 0;
        foreach (var (sum, weight, count) in pools)
        {
            for (var i = 0; i < count; i++, at++)
            {
                layer[at].X = (sum / weight) + offsets[at];
            }
        }
    }
}
