using Aegis.Core.Evals;

namespace Aegis.Core.Tests.Evals;

public sealed class EvalSuiteTests
{
    private const string Case = "  - { id: leap, sentence: Write it., files: a, tests: b, args: [-v] }\n";

    [Fact]
    public void Suite_HasCases_WithItsOwnFramework()
    {
        var suite = EvalSuiteParser.Parse(
            "name: first\nframework: unittest\ncases:\n" + Case
            + "  - { id: two, sentence: Another., tests: c, framework: 'node:test' }\n", "suite.yaml").Value!;
        Assert.Equal("first", suite.Name);
        Assert.Equal([("leap", "a", "b", "unittest", 1), ("two", null, "c", "node:test", 0)],
            suite.Cases.Select(c => (c.Id, c.Files, c.Tests, c.Framework!, c.Args.Length)));
    }

    [Theory]
    [InlineData("name: x\ncases: []\n", "the suite has 0 cases")]
    [InlineData("name: x\ncases:\n" + Case + Case, "two cases are called leap")]
    [InlineData("name: x\ncases:\n  - { id: a/b, sentence: x, tests: t }\n", "a/b is no name of a case")]
    [InlineData("name: x\ncases:\n  - { id: a, sentence: x, tests: t, args: [[1]] }\n", "args of a")]
    [InlineData("name: x\ncases:\n  - { id: a, sentence: x }\n", "tests")]
    [InlineData("name: x\ncases:\n  - { id: a, sentence: x, tests: t, answer: y }\n", "answer")]
    public void Suite_ThatIsWrong_SaysWhere(string text, string expected)
    {
        var read = EvalSuiteParser.Parse(text, "suite.yaml");
        Assert.Null(read.Value);
        Assert.Contains(read.Errors, e => e.Error.ToString().Contains(expected, StringComparison.Ordinal)
            && e.At.Line > 0);
    }

    [Theory]
    [InlineData(EvalSuiteParser.CasesMax, EvalSuiteParser.ArgsMax, EvalSuiteParser.SentenceCharsMax, true)]
    [InlineData(EvalSuiteParser.CasesMax + 1, 1, 1, false)]
    [InlineData(1, EvalSuiteParser.ArgsMax + 1, 1, false)]
    [InlineData(1, 1, EvalSuiteParser.SentenceCharsMax + 1, false)]
    public void Suite_AtItsBounds_AndPastThem(int cases, int args, int sentence, bool isRead)
    {
        var text = "name: x\ncases:\n" + string.Concat(Enumerable.Range(0, cases).Select(i =>
            $"  - {{ id: c{i}, tests: t, "
            + $"args: [{string.Join(",", Enumerable.Repeat("x", i == 0 ? args : 0))}], "
            + $"sentence: {new string('s', i == 0 ? sentence : 1)} }}\n"));
        Assert.Equal(isRead, EvalSuiteParser.Parse(text, "suite.yaml").Value is not null);
    }

    [Fact]
    public void Hash_TellsCasesApart_WhereverTheTextStands()
    {
        var one = new EvalCase("a", "s", [new("x", "1")], [new("y", "2")], null, []);
        Assert.Equal(one.Hash, (one with { Id = "b" }).Hash);
        Assert.Equal(6, new[]
        {
            one, one with { Sentence = "t" }, one with { Framework = "go" }, one with { Args = ["x"] },
            one with { Files = [new("x1", "")] },
            one with { Files = [], Tests = [new("x", "1"), new("y", "2")] },
        }.Select(c => c.Hash).Distinct().Count());
    }
}
