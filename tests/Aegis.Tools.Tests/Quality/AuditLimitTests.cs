using System.Text.Json;
using Aegis.Core.Findings.CodeRules;
using Aegis.Gate;
using Aegis.Tools.Quality;
using Aegis.Tools.Quality.Probe;

namespace Aegis.Tools.Tests.Quality;

/// <summary>Limits of what audits are asked and find, at their most and one past it.</summary>
public sealed class AuditLimitTests
{
    private static readonly object Finding =
        new { rule = "r", severity = "note", file = "a", line = 1, message = "m" };

    public static TheoryData<string, Tool, Func<int, object>, int> Bounds => new()
    {
        { "paths of an audit", new AuditScan(), n => new { paths = Names(n) }, QaReview.PathsMax },
        { "paths of a review", new QaReview(), n => new { paths = Names(n) }, QaReview.PathsMax },
        { "findings of an opinion", new AuditScan(),
            n => new { opinion = new { findings = Enumerable.Repeat(Finding, n) } },
                AuditOpinion.FindingsMax },
        { "paths of a probe", new AuditProbe(),
            n => new { start = "x", port = 8080, paths = Doors(n) }, AuditProbe.PathsMax },
        { "protected paths of a probe", new AuditProbe(),
            n => new { start = "x", port = 8080, paths = Doors(1), @protected = Doors(n) },
                AuditProbe.PathsMax },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Input_AtTheLimitAndOnePast(string what, Tool tool, Func<int, object> input, int most)
    {
        Assert.Null(tool.Check(JsonSerializer.SerializeToElement(input(most))));
        var refused = tool.Check(JsonSerializer.SerializeToElement(input(most + 1)));
        Assert.True(refused?.Code == "AEGIS2001", $"{what}: {refused}");
    }

    [Theory]
    [InlineData(1023, false)]
    [InlineData(1024, true)]
    [InlineData(65_535, true)]
    [InlineData(65_536, false)]
    public void Port_OfAProbe_AtItsEnds(int port, bool taken) => Assert.Equal(taken, new AuditProbe().Check(
        JsonSerializer.SerializeToElement(new { start = "x", port, paths = Doors(1) })) is null);

    [Fact]
    public void CodeScanner_StopsAtItsMost_AndSaysSo()
    {
        var line = "eval(req.query.x);\n";
        var (below, above) = (new CodeScanner(), new CodeScanner());
        var whole = string.Concat(Enumerable.Repeat(line, CodeScan.FindingsMax));
        for (var i = 0; i < CodeScanner.FindingsMax / CodeScan.FindingsMax; i++)
        {
            above.Read($"{i}.js", whole);
        }
        below.Read("one.js", line);
        above.Read("more.js", line);
        Assert.Equal((1, null), (below.Report(0).Run.Findings, below.Report(0).Run.Reason));
        Assert.Equal((CodeScanner.FindingsMax, $"it stopped at {CodeScanner.FindingsMax} findings"),
            (above.Report(0).Run.Findings, above.Report(0).Run.Reason));
    }

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"f{i}.js")];

    private static string[] Doors(int count) => [.. Enumerable.Range(0, count).Select(i => $"GET /f{i}")];
}
