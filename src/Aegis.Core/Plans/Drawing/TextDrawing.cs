using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>Draws placed layers: 1. columns become whole; 2. layer by layer, boxes and the ways between them;
/// 3. below each layer the lines to the next.</summary>
internal sealed class TextDrawing(ImmutableArray<List<Slot>> layers, ImmutableArray<FigureText> texts)
{
    private readonly Dictionary<Slot, int> leftOf = [];

    public TextCanvas? On(int width)
    {
        Round();
        if (layers.SelectMany(l => l).Max(s => leftOf[s] + (int)s.Width) > width)
        {
            return null;
        }
        var canvas = new TextCanvas(width);
        var top = 0;
        var net = 1;
        for (var i = 0; i < layers.Length; i++)
        {
            var height = layers[i].Where(s => !s.IsWay).Select(s => texts[s.Node].Below.Length).Max() + 3;
            canvas.Grow(top + height);
            if (Channel.Route(layers[i], Column, Span) is not { } nets)
            {
                return null;
            }
            foreach (var slot in layers[i])
            {
                if (slot.IsWay)
                {
                    canvas.DrawDown(Column(slot), top, top + height - 1, -1);
                }
                else
                {
                    Box(canvas, slot, top, height);
                }
            }
            top += height;
            if (nets.Length > 0)
            {
                top += Lines(canvas, nets, top, ref net);
            }
        }
        return canvas;
    }

    /// <summary>Left edges as whole columns, their order and distance kept.</summary>
    private void Round()
    {
        foreach (var layer in layers)
        {
            var free = 0;
            foreach (var slot in layer)
            {
                leftOf[slot] = Math.Max(free, (int)Math.Round(slot.X - (slot.Width / 2)));
                free = leftOf[slot] + (int)slot.Width + 1;
            }
        }
    }

    private int Column(Slot slot) => leftOf[slot] + ((int)slot.Width / 2);

    // a box takes lines anywhere but at its corners
    private (int Left, int Right) Span(Slot slot) => slot.IsWay
        ? (leftOf[slot], leftOf[slot])
        : (leftOf[slot] + 1, leftOf[slot] + (int)slot.Width - 2);

    private void Box(TextCanvas canvas, Slot slot, int top, int height)
    {
        var (left, width) = (leftOf[slot], (int)slot.Width);
        var text = texts[slot.Node];
        canvas.Write(top, left, "┌" + new string('─', width - 2) + "┐", TextStyle.Line);
        for (var row = 1; row < height - 1; row++)
        {
            canvas.Write(top + row, left, "│", TextStyle.Line);
            canvas.Write(top + row, left + width - 1, "│", TextStyle.Line);
        }
        canvas.Write(top + 1, left + 2, text.Title, TextStyle.Title);
        for (var i = 0; i < text.Below.Length; i++)
        {
            canvas.Write(top + 2 + i, left + 2, text.Below[i], TextStyle.Detail);
        }
        canvas.Write(top + height - 1, left, "└" + new string('─', width - 2) + "┘", TextStyle.Line);
        if (slot.Down.Count > 0)
        {
            canvas.Write(top + height - 1, Column(slot), "┬", TextStyle.Line);
        }
    }

    /// <summary>Returns how many rows they take.</summary>
    private static int Lines(TextCanvas canvas, ImmutableArray<Net> nets, int top, ref int number)
    {
        var rows = nets.Max(n => n.Row) + 1;
        canvas.Grow(top + rows + 1);
        foreach (var net in nets)
        {
            number++;
            var turn = net.Row < 0 ? top + rows : top + net.Row;
            foreach (var exit in net.Exits)
            {
                // one step up is inside the box's border, or the way above: it only makes the line leave
                // upwards
                canvas.DrawDown(exit, top, turn, number);
                canvas.Stub(exit, top, number);
            }
            if (net.Row >= 0)
            {
                canvas.DrawAcross(turn, net.Columns.Min(), net.Columns.Max(), number);
            }
            foreach (var (target, column) in net.Entries)
            {
                canvas.DrawDown(column, turn, top + rows, number);
                if (!target.IsWay)
                {
                    canvas.Write(top + rows, column, "▼", TextStyle.Line);
                }
                else
                {
                    canvas.Stub(column, top + rows, number, down: true);
                }
            }
        }
        return rows + 1;
    }
}
