using System.Collections.Immutable;

namespace Aegis.Core.Plans.Drawing;

/// <summary>
/// The plan in a terminal: boxes in layers, what needs others below them. What does not fit into the width is
/// folded: twins into one box, and where that is not enough, each layer becomes one list that names what its
/// steps need.
/// </summary>
public static class TextPicture
{
    public const int WidthMin = 40;

    /// <summary>More boxes than this are not drawn.</summary>
    public const int BoxesMax = 400;

    private const int Gap = 3;

    public static ImmutableArray<PictureLine> Of(Plan plan, int width, bool ascii)
    {
        width = Math.Max(width, WidthMin);
        foreach (var fold in (bool[])[false, true])
        {
            var figure = PlanFigure.Of(plan, fold);
            if (figure.Nodes.Length <= BoxesMax && Draw(plan, figure, width) is { } canvas)
            {
                return [.. canvas.Lines(ascii)];
            }
        }
        return [.. LayerList.Of(plan, width, ascii)];
    }

    /// <summary>Null where it does not fit.</summary>
    private static TextCanvas? Draw(Plan plan, PlanFigure figure, int width)
    {
        var layers = Layering.Of(figure);
        // the widest layer decides before anything is placed
        var texts = figure.Nodes.Select(n => FigureText.Of(n, plan)).ToImmutableArray();
        foreach (var slot in layers.SelectMany(l => l))
        {
            slot.Width = slot.IsWay ? 1 : BoxWidth(texts[slot.Node], slot.Up.Count);
        }
        if (layers.Max(l => l.Sum(s => s.Width + Gap)) > width + Gap)
        {
            return null;
        }
        Placement.Place(layers, Gap);
        return new TextDrawing(layers, texts).On(width);
    }

    // odd, so that it has a middle; each line that may come in has a column of its own
    private static int BoxWidth(FigureText text, int nets) =>
        Math.Max(Math.Max(text.Title.Length, text.Below.Max(l => l.Length)) + 4, (2 * nets) + 3) | 1;
}
