using System.Text;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Drawing;

namespace Aegis.Core.Tests.Plans.Drawing;

public sealed class TextPictureTests
{
    [Fact]
    public void Picture_OfADiamond_IsTheseLines() => Assert.Equal(
        [
            "      ┌───────┐",
            "      │ a     │",
            "      │ noop  │",
            "      └───┬───┘",
            "    ╭─────┴─────╮",
            "    ▼           ▼",
            "┌───────┐   ┌───────┐",
            "│ b     │   │ c     │",
            "│ noop  │   │ noop  │",
            "└───┬───┘   └───┬───┘",
            "    ╰─────┬─────╯",
            "          ▼",
            "      ┌───────┐",
            "      │ d     │",
            "      │ noop  │",
            "      └───────┘",
        ],
        Lines(Of(("a", ""), ("b", "a"), ("c", "a"), ("d", "b, c")), 80));

    [Fact]
    public void Picture_InAscii_HasNoOtherLetter()
    {
        var lines = Lines(Of(("a", ""), ("b", "a"), ("c", "a"), ("d", "b, c")), 80, ascii: true);
        Assert.All(string.Concat(lines), letter => Assert.InRange(letter, ' ', '~'));
        Assert.Contains("v", string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Picture_OfRandomPlans_SaysExactlyWhatTheyNeed()
    {
        const int Seed = 20261;
        var random = new Random(Seed);
        var drawn = 0;
        for (var round = 0; round < 300; round++)
        {
            var steps = RandomSteps(random, random.Next(1, 26));
            var plan = Of(steps);
            var lines = Lines(plan, 400);
            if (lines[0].StartsWith("┌─ layer", StringComparison.Ordinal) || lines.Any(l =>
                l.Contains("side by side")))
            {
                continue;
            }
            drawn++;
            var figure = PlanFigure.Of(plan, fold: false);
            var expected = figure.Edges.Select(e => (Id(plan, figure, e.From), Id(plan, figure, e.To)));
            Assert.True(expected.Order().SequenceEqual(new PictureReader(lines).Edges().Distinct().Order()),
                $"seed {Seed}, round {round}:\n{string.Join('\n', lines)}");
        }
        Assert.InRange(drawn, 280, 300);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(200)]
    public void Picture_OfAFan_FitsAnyWidth(int shards)
    {
        var ids = Enumerable.Range(0, shards).Select(i => $"shard-{i}").ToList();
        var plan = Of([("start", ""), .. ids.Select(i => (i, "start")), ("join", string.Join(", ", ids))]);
        foreach (var width in (int[])[40, 80, 200])
        {
            var lines = Lines(plan, width);
            Assert.All(lines, l => Assert.True(l.Length <= width + 10, l));
            Assert.Contains(lines, l => l.Contains("start"));
            Assert.Contains(lines, l => l.Contains("join"));
        }
    }

    [Fact]
    public void Picture_OfLanesThatDoNotFold_IsAListByLayers()
    {
        var lanes = Enumerable.Range(0, 50).SelectMany(i => new[] { ($"x{i}", "a"), ($"y{i}", $"x{i}") });
        var lines = Lines(Of([("a", ""), .. lanes]), 80);
        Assert.Equal("┌─ layer 1 of 3: 1 step", lines[0]);
        Assert.Contains(lines, l => l.Contains("y49 ← x49", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.True(l.Length <= 80, l));
    }

    [Fact]
    public void Picture_OfTenThousandSteps_IsShort()
    {
        var chain = Enumerable.Range(0, WorkflowLimits.StepsMax).Select(i => ($"n{i}", i == 0 ? ""
            : $"n{i - 1}"));
        Assert.InRange(Lines(Of([.. chain]), 80).Length, 1, 700);
        var heap = Enumerable.Range(0, WorkflowLimits.StepsMax).Select(i => ($"n{i}", ""));
        Assert.InRange(Lines(Of([.. heap]), 80).Length, 1, 20);
    }

    internal static Plan Of(params (string Id, string Needs)[] steps)
    {
        var yaml = new StringBuilder("name: w\nsteps:\n");
        foreach (var (id, needs) in steps)
        {
            yaml.Append($"  - {{id: {id}, uses: noop, needs: [{needs}]}}\n");
        }
        return WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(yaml.ToString()), "w").Plan!;
    }

    internal static (string, string)[] RandomSteps(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => ($"s{i}", string.Join(", ",
            Enumerable.Range(Math.Max(0, i - 8), Math.Min(i, 8)).Where(_ => random.Next(5) == 0)
                .Select(n => $"s{n}")))),
    ];

    private static string Id(Plan plan, PlanFigure figure, int node) =>
        plan.Tasks[figure.Nodes[node].Tasks[0]].StepId;

    private static string[] Lines(Plan plan, int width, bool ascii = false) =>
        [.. TextPicture.Of(plan, width, ascii).Select(l => l.ToString())];
}
