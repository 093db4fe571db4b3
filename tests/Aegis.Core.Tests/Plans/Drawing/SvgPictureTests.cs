using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Aegis.Core.Plans.Drawing;

namespace Aegis.Core.Tests.Plans.Drawing;

public sealed class SvgPictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Picture_IsADocumentWithTitleDescriptionTextAndNoScript()
    {
        var root = XDocument.Parse(SvgPicture.Of(TextPictureTests.Of(("a", ""), ("b", "a")))!).Root!;
        Assert.Equal("Plan of the workflow w", root.Element(Svg + "title")!.Value);
        Assert.Equal("a (noop) starts at once. b (noop) needs a.", root.Element(Svg + "desc")!.Value);
        Assert.Equal("plan-title plan-description", root.Attribute("aria-labelledby")!.Value);
        Assert.Equal(["w", "2 steps", "a", "noop", "b", "noop"], root.Descendants(Svg + "text").Select(t =>
            t.Value));
        Assert.Contains("prefers-color-scheme: dark", root.Element(Svg + "style")!.Value,
            StringComparison.Ordinal);
        Assert.Empty(root.Descendants(Svg + "script"));
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Names_AreEscaped()
    {
        var plan = TextPictureTests.Of(("a", "")) with { Name = "<script>&\"'" };
        Assert.Contains("<script>&", XDocument.Parse(SvgPicture.Of(plan)!).Root!.Element(Svg
            + "title")!.Value,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_OfRandomPlans_CrossNoBoxAndBoxesDoNotOverlap()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        for (var round = 0; round < 60; round++)
        {
            var plan = TextPictureTests.Of(TextPictureTests.RandomSteps(random, random.Next(2, 40)));
            var root = XDocument.Parse(SvgPicture.Of(plan)!).Root!;
            var boxes = root.Descendants(Svg + "rect").Where(r => r.Attribute("class")!.Value == "card")
                .Select(Box).ToList();
            Assert.InRange(boxes.Count, 1, plan.Tasks.Length);
            foreach (var (box, index) in boxes.Select((b, i) => (b, i)))
            {
                Assert.DoesNotContain(boxes.Skip(index + 1), other => box.Overlaps(other));
            }
            foreach (var line in root.Descendants(Svg + "path").Where(p =>
                p.Attribute("class")!.Value == "line"))
            {
                foreach (var (x, y) in Points(line.Attribute("d")!.Value))
                {
                    Assert.DoesNotContain(boxes, b => b.Holds(x, y));
                }
            }
        }
    }

    private static Rect Box(XElement rect) => new(N(rect, "x"), N(rect, "y"), N(rect, "width"), N(rect,
        "height"));

    private static double N(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    /// <summary>Points along M, V and C, the curve cut into forty pieces.</summary>
    private static IEnumerable<(double X, double Y)> Points(string path)
    {
        (double X, double Y) at = default;
        foreach (Match part in Regex.Matches(path, "([MVC])([^MVC]*)"))
        {
            var n = part.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray();
            var from = at;
            at = part.Groups[1].Value switch { "M" => (n[0], n[1]), "V" => (at.X, n[0]), _ => (n[4], n[5]) };
            if (part.Groups[1].Value == "M")
            {
                continue;
            }
            for (var i = 0; i <= 40; i++)
            {
                var t = i / 40.0;
                yield return n.Length == 1 ? (from.X, from.Y + ((at.Y - from.Y) * t))
                    : (Bezier(t, from.X, n[0], n[2], n[4]), Bezier(t, from.Y, n[1], n[3], n[5]));
            }
        }
    }

    private static double Bezier(double t, double a, double b, double c, double d) =>
        (Math.Pow(1 - t, 3) * a) + (3 * Math.Pow(1 - t, 2) * t * b) + (3 * (1 - t) * t * t * c)
            + (t * t * t * d);

    private sealed record Rect(double X, double Y, double Width, double Height)
    {
        public bool Overlaps(Rect other) => X < other.X + other.Width && other.X < X + Width
            && Y < other.Y + other.Height && other.Y < Y + Height;

        public bool Holds(double x, double y) =>
            x > X + 0.5 && x < X + Width - 0.5 && y > Y + 0.5 && y < Y + Height - 0.5;
    }
}
