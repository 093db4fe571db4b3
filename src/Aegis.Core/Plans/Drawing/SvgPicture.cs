using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Aegis.Core.Plans.Drawing;

/// <summary>The plan as an SVG document: no scripts, text as text, colours that follow the reader's light or
/// dark scheme, and a title and description for who hears it instead of seeing it. Lines run in the space
/// between the layers and on ways of their own past a layer, so that none crosses a box.</summary>
public static class SvgPicture
{
    /// <summary>More boxes than this are folded or, where that does not help, not drawn.</summary>
    public const int BoxesMax = 2_000;

    private const int SideBySideMax = 12;
    private const double LetterWidth = 7.85;
    private const double LineHeight = 18;
    private const double Padding = 14;
    private const double Gap = 26;
    private const double LayerGap = 58;
    private const double Margin = 24;
    private const double HeadHeight = 56;

    private static readonly Lazy<string> Style = new(ReadStyle);

    /// <summary>Null where the plan has too many boxes for a picture that anybody could read.</summary>
    public static string? Of(Plan plan)
    {
        var figure = PlanFigure.Of(plan, fold: false);
        if (figure.Nodes.Length > BoxesMax
            || Layering.LayerOf(figure).GroupBy(l => l).Any(g => g.Count() > SideBySideMax))
        {
            figure = PlanFigure.Of(plan, fold: true);
        }
        return figure.Nodes.Length > BoxesMax ? null : Drawn(plan, figure);
    }

    private static string Drawn(Plan plan, PlanFigure figure)
    {
        var layers = Layering.Of(figure);
        var texts = figure.Nodes.Select(n => FigureText.Of(n, plan)).ToImmutableArray();
        foreach (var slot in layers.SelectMany(l => l))
        {
            slot.Width = slot.IsWay ? 2 : (Letters(texts[slot.Node]) * LetterWidth) + (2 * Padding) + 6;
        }
        Placement.Place(layers, Gap);
        var (tops, height) = Tops(layers, texts);
        var width = Math.Max(layers.SelectMany(l => l).Max(s => s.X + (s.Width / 2)),
            Cut(plan.Name).Length * 10.5) + (2 * Margin);
        var svg = new StringBuilder();
        Open(svg, plan, width, height + Margin);
        Lines(svg, layers, tops, texts);
        foreach (var slot in layers.SelectMany(l => l).Where(s => !s.IsWay))
        {
            Box(svg, slot, tops[slot.Layer], texts[slot.Node]);
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static string ReadStyle()
    {
        using var stream = typeof(SvgPicture).Assembly.GetManifestResourceStream("picture.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static int Letters(FigureText text) => Math.Max(text.Title.Length, text.Below.Max(l => l.Length));

    private static double BoxHeight(FigureText text) => ((text.Below.Length + 1) * LineHeight) + 18;

    private static (double[] Tops, double Height) Tops(ImmutableArray<List<Slot>> layers,
        ImmutableArray<FigureText> texts)
    {
        var tops = new double[layers.Length];
        var top = HeadHeight + 12;
        for (var i = 0; i < layers.Length; i++)
        {
            tops[i] = top;
            top += layers[i].Where(s => !s.IsWay).Max(s => BoxHeight(texts[s.Node])) + LayerGap;
        }
        return (tops, top - LayerGap);
    }

    private static void Open(StringBuilder svg, Plan plan, double width, double height)
    {
        var (w, h) = (N(Math.Ceiling(width)), N(Math.Ceiling(height)));
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" ")
            .Append($"viewBox=\"0 0 {w} {h}\" role=\"img\" ")
            .Append("aria-labelledby=\"plan-title plan-description\">\n")
            .Append($"<title id=\"plan-title\">{Escaped($"Plan of the workflow {plan.Name}")}</title>\n")
            .Append($"<desc id=\"plan-description\">{Escaped(Described(plan))}</desc>\n")
            .Append($"<style>\n{Style.Value}</style>\n")
            .Append("<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" ")
            .Append("markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">")
            .Append("<path class=\"tip\" d=\"M0 0.8 L10 5 L0 9.2 z\"/></marker></defs>\n")
            .Append($"<rect class=\"paper\" width=\"{w}\" height=\"{h}\" rx=\"10\"/>\n")
            .Append($"<text class=\"head\" x=\"{N(Margin)}\" y=\"32\">{Escaped(Cut(plan.Name))}</text>\n")
            .Append($"<text class=\"soft\" x=\"{N(Margin)}\" y=\"51\">{Steps(plan)}</text>\n");
    }

    private static string Steps(Plan plan) => plan.Tasks.Length == 1 ? "1 step"
        : $"{plan.Tasks.Length} steps";

    private static string Cut(string name) => name.Length <= 60 ? name : name[..59] + "…";

    /// <summary>Every step with what it needs, for at most 200 of them.</summary>
    private static string Described(Plan plan)
    {
        var said = plan.Tasks.Take(200).Select(t => t.Needs.IsEmpty
            ? $"{t.StepId} ({t.Tool}) starts at once."
            : $"{t.StepId} ({t.Tool}) needs {string.Join(", ", t.Needs.Select(n => plan.Tasks[n].StepId))}.");
        return string.Join(' ', said)
            + (plan.Tasks.Length > 200 ? $" And {plan.Tasks.Length - 200} more steps." : "");
    }

    private static void Lines(StringBuilder svg, ImmutableArray<List<Slot>> layers, double[] tops,
        ImmutableArray<FigureText> texts)
    {
        for (var i = 0; i + 1 < layers.Length; i++)
        {
            foreach (var from in layers[i])
            {
                // a way runs down past its layer, a box's line begins at its own lower edge
                var bottom = tops[i + 1] - LayerGap;
                var start = from.IsWay ? bottom : tops[i] + BoxHeight(texts[from.Node]);
                foreach (var to in from.Down)
                {
                    Line(svg, from, to, start, bottom, tops[i + 1], to.IsWay ? tops[i + 2] - LayerGap : null);
                }
            }
        }
    }

    private static void Line(StringBuilder svg, Slot from, Slot to, double start, double bottom, double top,
        double? past)
    {
        var (x, y) = (from.X + Margin, to.X + Margin);
        var middle = (bottom + top) / 2;
        var path = new StringBuilder($"M{N(x)} {N(start)}");
        if (start < bottom)
        {
            path.Append($" V{N(bottom)}");
        }
        var end = past is null ? top - 2 : top;
        path.Append(Math.Abs(x - y) < 0.5
            ? $" V{N(end)}"
            : $" C{N(x)} {N(middle)} {N(y)} {N(middle)} {N(y)} {N(end)}");
        if (past is { } further)
        {
            path.Append($" V{N(further)}");
        }
        svg.Append(
            $"<path class=\"line\" d=\"{path}\"{(past is null ? " marker-end=\"url(#tip)\"" : "")}/>\n");
    }

    private static void Box(StringBuilder svg, Slot slot, double top, FigureText text)
    {
        var left = slot.X - (slot.Width / 2) + Margin;
        var height = BoxHeight(text);
        svg.Append($"<g><rect class=\"card\" x=\"{N(left)}\" y=\"{N(top)}\" width=\"{N(slot.Width)}\" "
            + $"height=\"{N(height)}\" rx=\"8\"/>");
        svg.Append($"<rect class=\"mark\" x=\"{N(left + 6)}\" y=\"{N(top + 9)}\" width=\"3\" "
            + $"height=\"{N(height - 18)}\" rx=\"1.5\"/>");
        var line = top + LineHeight + 4;
        Words(svg, "title", left, line, text.Title);
        foreach (var below in text.Below)
        {
            line += LineHeight;
            Words(svg, "soft", left, line, below);
        }
        svg.Append("</g>\n");
    }

    private static void Words(StringBuilder svg, string style, double left, double line, string words) =>
        svg.Append($"<text class=\"{style}\" x=\"{N(left + Padding + 4)}\" y=\"{N(line)}\">")
            .Append($"{Escaped(words)}</text>");

    private static string N(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(text);
}
