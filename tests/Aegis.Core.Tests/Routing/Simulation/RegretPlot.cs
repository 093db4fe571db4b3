using System.Globalization;
using System.Text;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>Regret that gathers over the month, as an SVG picture.</summary>
internal static class RegretPlot
{
    private const int Width = 760;
    private const int Height = 420;
    private const int Left = 64;
    private const int Right = 170;
    private const int Top = 44;
    private const int Bottom = 48;

    private static readonly string[] Colours = ["#0b6e4f", "#c75000", "#4a5a8a"];

    private static readonly (int Day, string Text)[] Events =
    [
        (SimulatedMonth.CheaperOnDay, "one cheaper"),
        (SimulatedMonth.WorseOnDay, "the best worse"),
        (SimulatedMonth.BetterOnDay, "one better"),
        (SimulatedMonth.GoneOnDay, "one gone"),
    ];

    /// <param name="lines">At most three; the first one is drawn last and thickest.</param>
    public static string Svg(IReadOnlyList<MonthResult> lines, string title)
    {
        var top = Ceiling(lines.Max(l => l.Total));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img"
              font-family="system-ui, sans-serif" font-size="12" fill="#333">
            <title>{title}</title>
            <rect width="{Width}" height="{Height}" fill="#fff"/>
            <text x="{Left}" y="22" font-size="14" font-weight="600">{title}</text>

            """);
        Grid(svg, top);
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            Line(svg, lines[i], Colours[i], top, i == 0 ? 3 : 2);
        }
        Labels(svg, lines, top);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Grid(StringBuilder svg, double top)
    {
        for (var i = 0; i <= 4; i++)
        {
            var y = Y(top * i / 4, top);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{Left}" y1="{y}" x2="{Width - Right}" y2="{y}" stroke="#ddd"/>
                <text x="{Left - 8}" y="{y}" dy="4" text-anchor="end">{top * i / 4:0}</text>

                """);
        }
        for (var day = 0; day <= SimulatedMonth.Days; day += 5)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{X(day)}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{day}</text>\n");
        }
        foreach (var (day, text) in Events)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{X(day)}" y1="{Top}" x2="{X(day)}" y2="{Height - Bottom}" stroke="#999"
                  stroke-dasharray="4 4"/>
                <text x="{X(day)}" y="{Top - 6}" text-anchor="middle" font-size="11">{text}</text>

                """);
        }
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{(Left + Width - Right) / 2}" y="{Height - 10}" text-anchor="middle">day</text>
            <text x="16" y="{Height / 2}" text-anchor="middle"
              transform="rotate(-90 16 {Height / 2})">regret so far</text>

            """);
    }

    private static void Line(StringBuilder svg, MonthResult line, string colour, double top, int thick)
    {
        var points = line.Cumulated().Prepend(0).Select((r, day) => $"{X(day)},{Y(r, top)}");
        svg.Append(CultureInfo.InvariantCulture, $"""
            <polyline points="{string.Join(' ', points)}"
              fill="none" stroke="{colour}" stroke-width="{thick}"/>

            """);
    }

    private static void Labels(StringBuilder svg, IReadOnlyList<MonthResult> lines, double top)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Width - Right + 8}" y="{Y(lines[i].Total, top)}" dy="4"
                  fill="{Colours[i]}">{lines[i].Policy}</text>

                """);
        }
    }

    private static string X(double day) => Place(Left + (day / SimulatedMonth.Days * (Width - Left - Right)));

    private static string Y(double regret, double top) =>
        Place(Height - Bottom - (regret / top * (Height - Top - Bottom)));

    private static string Place(double at) => at.ToString("0.#", CultureInfo.InvariantCulture);

    private static double Ceiling(double value)
    {
        double[] steps = [100, 200, 400, 800, 1_000, 1_200, 1_600, 2_000, 2_400, 3_200, 4_000, 6_000, 8_000];
        return steps.FirstOrDefault(s => s >= value, value);
    }
}
