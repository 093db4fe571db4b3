using System.Text;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

/// <summary>Each limit at its edge and one past it.</summary>
public sealed class WorkflowLimitTests
{
    [Theory]
    [InlineData(1 << 20, "")]
    [InlineData((1 << 20) + 1, "1:1 1001")]
    public void Compile_Bytes_UpToTheLimit(int bytes, string expected)
    {
        const string Head = "name: w\nsteps:\n  - {id: a, uses: t}\n#";
        Assert.Equal(expected, Compiling.Errors(Head + new string('x', bytes - Head.Length)));
    }

    [Theory]
    [InlineData(10_000, "")]
    [InlineData(10_001, "3:3 1016")]
    public void Compile_Steps_UpToTheLimit(int steps, string expected)
    {
        var yaml = new StringBuilder("name: w\nsteps:\n");
        for (var i = 0; i < steps; i++)
        {
            yaml.Append($"  - {{id: s{i}, uses: t}}\n");
        }
        Assert.Equal(expected, Compiling.Errors(yaml.ToString()));
    }

    [Theory]
    [InlineData(60, "")]
    [InlineData(61, "3:92 1005")]
    public void Compile_Depth_UpToTheLimit(int lists, string expected) => Assert.Equal(expected,
        Compiling.Errors("name: w\nsteps:\n  - {id: a, uses: t, with: {a: "
            + $"{new string('[', lists)}{new string(']', lists)}}}}}"));

    [Theory]
    [InlineData("lock: [{0}]", WorkflowLimits.LocksMax, "l{0}")]
    [InlineData("outputs: {{{0}}}", WorkflowLimits.OutputsMax, "o{0}: x")]
    public void Compile_ListsOfAStep_UpToTheirLimits(string key, int max, string item)
    {
        Assert.Equal("", Compiling.Errors(Step(string.Format(null, key, Items(max)))));
        Assert.Contains("1016", Compiling.Errors(Step(string.Format(null, key, Items(max + 1)))));

        string Items(int count) =>
            string.Join(", ", Enumerable.Range(0, count).Select(i => string.Format(null, item, i)));
    }

    [Theory]
    [InlineData("lock: {0}")]
    [InlineData("approve: {0}")]
    [InlineData("approve: {{message: {0}}}")]
    public void Compile_TextsOfAStep_UpToTheLimit(string key)
    {
        Assert.Equal("", Compiling.Errors(Step(string.Format(null, key, Text(0)))));
        Assert.Contains("1014", Compiling.Errors(Step(string.Format(null, key, Text(1)))));

        string Text(int more) => new('x', WorkflowLimits.TextLengthMax + more);
    }

    [Theory]
    [InlineData("foreach: {{items: [1], parallel: {0}}}", WorkflowLimits.StepsMax)]
    [InlineData("repeat: {{until: true, max: {0}}}", WorkflowLimits.IterationsMax)]
    public void Compile_NumbersOfAStep_UpToTheirLimits(string key, int max)
    {
        Assert.Equal("", Compiling.Errors(Step(string.Format(null, key, max))));
        Assert.Contains("1014", Compiling.Errors(Step(string.Format(null, key, max + 1))));
    }

    [Theory]
    [InlineData(PlanPolicy.AgentsMax, "")]
    [InlineData(PlanPolicy.AgentsMax + 1, "2:23 1014")]
    public void Compile_AgentsAtOnce_UpToTheLimit(int agents, string expected) => Assert.Equal(expected,
        Compiling.Errors($"name: w\npolicy: {{ max_agents: {agents} }}\nsteps:\n  - {{id: a, uses: t}}\n"));

    private static string Step(string key) => $"name: w\nsteps:\n  - {{id: a, uses: t, {key}}}\n";

    [Fact]
    public void Compile_AliasBomb_EndsAtTheLimit()
    {
        var yaml = new StringBuilder("name: w\nsteps:\n  - id: a\n    uses: t\n    with:\n      l0: &l0 "
            + "[x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            yaml.Append($"      l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n");
        }
        Assert.Equal("11:26 1005", Compiling.Errors(yaml.ToString()));
    }

    [Fact]
    public void Compile_MoreErrorsThanAreShown_CountsTheRest()
    {
        var yaml = "name: w\nsteps:\n" + string.Concat(Enumerable.Range(0, 205).Select(i =>
            $"  - {{id: s{i}, uses: t, x: 1}}\n"));
        var result = Compiling.Compile(yaml);
        Assert.Equal(201, result.Diagnostics.Length);
        Assert.Equal(("AEGIS1007", "5 more errors are not shown"),
            (result.Diagnostics[^1].Error.Code, result.Diagnostics[^1].Error.Message));
    }

    [Theory]
    [InlineData(64, "")]
    [InlineData(65, "3:10 1020")]
    public void Compile_Id_UpToTheLimit(int length, string expected) =>
        Assert.Equal(expected,
        Compiling.Errors($"name: w\nsteps:\n  - {{id: {new string('a', length)}, uses: t}}"));

    [Theory]
    [InlineData("20", "")]
    [InlineData("21", "3:29 1014")]
    [InlineData("-1", "3:29 1014")]
    [InlineData("1.5", "3:29 1013")]
    public void Compile_Retries_UpToTheLimit(string max, string expected) =>
        Assert.Equal(expected, Compiling.Errors($"name: w\nsteps:\n  - {{id: a, uses: t, retry: {max}}}"));

    [Theory]
    [InlineData("366d", true)]
    [InlineData("31622400000", true)]
    [InlineData("31622400001", false)]
    [InlineData("1.5s", true)]
    [InlineData("2h30m", true)]
    [InlineData("NaN", false)]
    [InlineData("Infinity", false)]
    [InlineData("-5", false)]
    [InlineData("5 m", false)]
    [InlineData("5x", false)]
    [InlineData("", false)]
    public void Duration_Text_IsReadOrRefused(string text, bool expected) =>
        Assert.Equal(expected, Duration.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(27)]
    [InlineData(127)]
    public void Compile_ControlCharacter_IsRefusedNotTakenForTheEnd(int character) =>
        Assert.Equal("2:3 1002",
        Compiling.Errors($"name: w\n# {(char)character}\nsteps:\n  - {{id: a, uses: t}}"));

    [Fact]
    public void Compile_BytesThatAreNoText_AreRefusedWithTheirPlace()
    {
        var result = WorkflowCompiler.Compile(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xFF },
            "w.yaml");
        Assert.Equal(("AEGIS1002", 2, 2), (result.Diagnostics[0].Error.Code, result.Diagnostics[0].At.Line,
            result.Diagnostics[0].At.Column));
    }
}
