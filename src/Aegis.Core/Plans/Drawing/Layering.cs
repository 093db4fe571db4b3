using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>A place in a layer: a node, or the way of an edge past the layer. One way serves all edges of its
/// source that go on.</summary>
internal sealed class Slot(int node, int layer)
{
    /// <summary>-1 for a way.</summary>
    public int Node { get; } = node;

    public int Layer { get; } = layer;

    public bool IsWay => Node < 0;

    public List<Slot> Up { get; } = [];

    public List<Slot> Down { get; } = [];

    /// <summary>Position in its layer.</summary>
    public int Order { get; set; }

    public double Width { get; set; }

    /// <summary>Of its middle.</summary>
    public double X { get; set; }

    public void Join(Slot below)
    {
        Down.Add(below);
        below.Up.Add(this);
    }
}

/// <summary>Puts nodes into layers by their longest path from a start, and orders each layer so that few
/// edges cross: sweeps down and up that sort by the mean of the neighbours, the best of them kept.</summary>
internal static class Layering
{
    private const int SweepsMax = 12;

    public static ImmutableArray<List<Slot>> Of(PlanFigure figure)
    {
        var layers = Layers(figure);
        Number(layers);
        var best = Orders(layers);
        var fewest = Crossings(layers);
        for (var sweep = 0; sweep < SweepsMax && fewest > 0; sweep++)
        {
            Sweep(layers, down: sweep % 2 == 0);
            var crossings = Crossings(layers);
            if (crossings < fewest)
            {
                (fewest, best) = (crossings, Orders(layers));
            }
        }
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i].Clear();
            layers[i].AddRange(best[i]);
        }
        Number(layers);
        return layers;
    }

    public static int[] LayerOf(PlanFigure figure)
    {
        var layer = new int[figure.Nodes.Length];
        // nodes stand in topological order, so every need has its layer already
        foreach (var edge in figure.Edges.OrderBy(e => e.To))
        {
            layer[edge.To] = Math.Max(layer[edge.To], layer[edge.From] + 1);
        }
        return layer;
    }

    private static ImmutableArray<List<Slot>> Layers(PlanFigure figure)
    {
        var layerOf = LayerOf(figure);
        var layers = Enumerable.Range(0, layerOf.Length == 0 ? 0 : layerOf.Max() + 1)
            .Select(_ => new List<Slot>()).ToImmutableArray();
        var slots = new Slot[layerOf.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = new Slot(i, layerOf[i]);
            layers[layerOf[i]].Add(slots[i]);
        }
        foreach (var edges in figure.Edges.GroupBy(e => e.From))
        {
            var at = slots[edges.Key];
            var open = edges.Select(e => slots[e.To]).OrderBy(s => s.Layer).ToList();
            for (var layer = at.Layer + 1; open.Count > 0; layer++)
            {
                foreach (var target in open.TakeWhile(s => s.Layer == layer))
                {
                    at.Join(target);
                }
                open.RemoveAll(s => s.Layer == layer);
                if (open.Count > 0)
                {
                    var way = new Slot(-1, layer);
                    layers[layer].Add(way);
                    at.Join(way);
                    at = way;
                }
            }
        }
        return layers;
    }

    private static void Sweep(ImmutableArray<List<Slot>> layers, bool down)
    {
        for (var i = 0; i < layers.Length; i++)
        {
            var layer = layers[down ? i : layers.Length - 1 - i];
            var sorted = layer.OrderBy(s => Mean(down ? s.Up : s.Down, s.Order)).ToList();
            layer.Clear();
            layer.AddRange(sorted);
            Number(layer);
        }
    }

    private static double Mean(List<Slot> neighbours, double otherwise) =>
        neighbours.Count == 0 ? otherwise : neighbours.Average(s => (double)s.Order);

    private static void Number(ImmutableArray<List<Slot>> layers)
    {
        foreach (var layer in layers)
        {
            Number(layer);
        }
    }

    private static void Number(List<Slot> layer)
    {
        for (var i = 0; i < layer.Count; i++)
        {
            layer[i].Order = i;
        }
    }

    private static ImmutableArray<ImmutableArray<Slot>> Orders(ImmutableArray<List<Slot>> layers) =>
        [.. layers.Select(l => l.ToImmutableArray())];

    internal static long Crossings(ImmutableArray<List<Slot>> layers)
    {
        long crossings = 0;
        foreach (var layer in layers)
        {
            // edges by their upper end; a later one that ends further left crosses
            var seen = new List<int>();
            foreach (var slot in layer)
            {
                foreach (var below in slot.Down.Select(s => s.Order).Order())
                {
                    var at = seen.BinarySearch(below);
                    while (at >= 0 && at < seen.Count && seen[at] == below)
                    {
                        at++;
                    }
                    at = at < 0 ? ~at : at;
                    crossings += seen.Count - at;
                    seen.Insert(at, below);
                }
            }
        }
        return crossings;
    }
}
