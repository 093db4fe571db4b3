using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

public sealed class ExpressionLimitTests
{
    [Theory]
    [InlineData(21_000, null)]
    [InlineData(21_001, "AEGIS1082")]
    public void Parse_Length_UpToTheLimit(int length, string? code) =>
        Assert.Equal(code, Expression.Parse("'" + new string('x', length - 2) + "'").Error?.Code);

    [Theory]
    [InlineData("!", 49, null)]
    [InlineData("!", 50, "AEGIS1082")]
    [InlineData("(", 49, null)]
    [InlineData("(", 50, "AEGIS1082")]
    [InlineData("(", 1_500, "AEGIS1082")]
    public void Parse_Depth_UpToTheLimit(string open, int count, string? code)
    {
        var close = open == "(" ? new string(')', count) : "";
        Assert.Equal(code, Expression.Parse(string.Concat(Enumerable.Repeat(open, count)) + "inputs" + close)
            .Error?.Code);
    }

    [Fact]
    public void Parse_LongChain_IsWideAndNotDeep()
    {
        var chain = string.Join(" && ", Enumerable.Repeat("true", 500));
        Assert.Equal(new EvaluationResult(ExpressionValue.True, null),
            Expression.Parse(chain).Expression!.Evaluate(new FakeContext()));
    }

    [Fact]
    public void Evaluate_TextThatDoublesAtEachLevel_EndsAtTheLimit()
    {
        var text = "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'";
        for (var i = 0; i < 16; i++)
        {
            text = $"join(fromJSON(format('[\"{{0}}\",\"{{0}}\"]', {text})), '')";
        }
        Assert.Equal("AEGIS1094", Expression.Parse(text).Expression!.Evaluate(new FakeContext()).Error?.Code);
    }

    [Fact]
    public void Parse_HalfPair_IsRefused() =>
        Assert.Equal("AEGIS1096", Expression.Parse("'\ud800'").Error?.Code);

    [Theory]
    [InlineData("1 == (", 6)]
    [InlineData("foo == 1", 0)]
    [InlineData("1 == \"a\"", 5)]
    [InlineData("true && nope()", 8)]
    [InlineData("inputs.a ? 1", 9)]
    public void Parse_Error_SaysWhere(string text, int at) =>
        Assert.Equal((null, at), (Expression.Parse(text, ExpressionRoots.All).Expression,
            Expression.Parse(text, ExpressionRoots.All).At));

    [Fact]
    public void References_OfAnExpression_AreItsReads()
    {
        var expression = Expression.Parse("steps.a.ok && inputs['b c'] == env.X && format('{0}', "
            + "steps.*.output, context[run.id].x)").Expression!;
        Assert.Equal(
            ["steps.a.ok 0 False", "inputs.b c 14 False", "env.X 31 False", "steps.* 54 True",
                "context[…] 70 True", "run.id 78 False"],
            expression.References.Select(r => $"{r} {r.At} {r.ReachesResult}"));
    }

    [Fact]
    public void ParseCache_MoreTextsThanItHolds_StaysBoundedAndRight()
    {
        var parsed = 0;
        var cache = new ParseCache<int, int>(100, key =>
        {
            parsed++;
            return key * 2;
        });
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(i * 2, cache.Get(i));
            Assert.Equal(2, cache.Get(1));
        }
        Assert.InRange(cache.Count, 1, 200);
        Assert.Equal(1_000, parsed);
    }
}
