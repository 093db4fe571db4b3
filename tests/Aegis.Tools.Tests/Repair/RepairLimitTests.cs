using System.Text.Json;
using Aegis.Core.Repairs;
using Aegis.Gate;
using Aegis.Tools.Repair;
using Aegis.Tools.RepoMaps;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Tests.Repair;

/// <summary>Inputs at each bound and one past it.</summary>
public sealed class RepairLimitTests
{
    public static TheoryData<string, Tool, Func<int, object>, int> Bounds => new()
    {
        { "task", new RepoMapTool(), n => new { task = new string('x', n) }, RepoMapTool.TaskCharsMax },
        { "budget", new RepoMapTool(), n => new { budget_tokens = n }, RepoMapTool.BudgetMax },
        { "source", new RepoMapTool(), n => new { source_tokens = n }, RepoMapTool.SourceMax },
        { "files", new RepoMapTool(), n => new { files = Names(n) }, RepoMapTool.MentionedMax },
        { "changed", new TestsRun(), n => new { changed = Names(n) }, TestsRun.ChangedMax },
        { "tries", new FixTool(), n => new { max = n }, FixTool.TriesMax },
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
    [InlineData(FailureAnalysis.RootCausesMax, 1)]
    [InlineData(1, FailureAnalysis.TextCharsMax)]
    public void Analysis_AtTheLimitAndOnePast(int causes, int chars)
    {
        Assert.Null(FailureAnalysis.Read(Analysis(causes, chars)).Error);
        var (more, longer) = causes > 1 ? (causes + 1, chars) : (causes, chars + 1);
        Assert.Equal("AEGIS2696", FailureAnalysis.Read(Analysis(more, longer)).Error?.Code);
    }

    [Fact]
    public void FilesName_AtTheLimitAndOnePast()
    {
        Assert.Null(FailureAnalysis.Read(Analysis(1, 1, FixSuggestion.FileCharsMax)).Error);
        Assert.Equal("AEGIS2696",
            FailureAnalysis.Read(Analysis(1, 1, FixSuggestion.FileCharsMax + 1)).Error?.Code);
    }

    private static JsonElement Analysis(
        int causes, int chars, int name = 1) => JsonSerializer.SerializeToElement(new
    {
        root_causes = Names(causes),
        fix_suggestions = new[]
        {
            new { file = new string('a', name), line_number = 1, current_code = "a", fixed_code =
                new string('x', chars),
                explanation = "" },
        },
        confidence_score = 0,
        estimated_complexity = "low",
    });

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"f{i}.py")];
}
