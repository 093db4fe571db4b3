using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

/// <summary>Points of the language that people ask about, and those where this one departs from GitHub's
/// library on purpose; generated expressions are held against that library itself.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("case(true, 'a', 'b')", "a")]
    [InlineData("case(false, 'a', 1 == 1, 'b', 'c')", "b")]
    [InlineData("case(false, 'a', false, 'b', 'c')", "c")]
    [InlineData("CASE(!x, 'none', x)", "none")]
    public void Case_OfPairs_IsTheFirstThatHolds(string text, string expected) =>
        Assert.Equal(expected, Coercion.ToText(Answer(text, "{\"x\":null}").Value!));

    [Theory]
    [InlineData("case(1, 'a', 'b')", ExpressionErrorKind.Evaluation)]
    [InlineData("case('true', 'a', 'b')", ExpressionErrorKind.Evaluation)]
    [InlineData("case(true, 'a', fromJSON('{'))", ExpressionErrorKind.Evaluation)]
    [InlineData("case(true, 'a')", ExpressionErrorKind.Parsing)]
    [InlineData("case(true, 'a', true, 'b')", ExpressionErrorKind.Parsing)]
    [InlineData("case('a')", ExpressionErrorKind.Parsing)]
    [InlineData("github.ref", ExpressionErrorKind.Parsing)]
    [InlineData("1 +", ExpressionErrorKind.Lexing)]
    [InlineData("'open", ExpressionErrorKind.Lexing)]
    [InlineData("x\u00a0", ExpressionErrorKind.Lexing)]
    [InlineData("", ExpressionErrorKind.Evaluation)]
    [InlineData("  ", ExpressionErrorKind.Evaluation)]
    [InlineData("fromJSON('\"\\ud800\"')", ExpressionErrorKind.Evaluation)]
    public void Errors_SayWhichStageRefused(string text, ExpressionErrorKind kind)
    {
        var answer = Answer(text, "{\"x\":1}");
        Assert.Equal((kind, null), (answer.ErrorKind, answer.Value));
        Assert.NotNull(answer.Error);
    }

    [Theory]
    [InlineData("${{ 1 }}", "1")]
    [InlineData(" \n${{ '}}' }}\t", "\"}}\"")]
    [InlineData("X.A", "2")]
    [InlineData("x.constructor", "3")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("-Infinity", "\"-Infinity\"")]
    [InlineData("-0", "0")]
    [InlineData("fromJSON('[1e400]')", "[null]")]
    [InlineData("'é\"\n\u2028'", "\"é\\\"\\n\u2028\"")]
    [InlineData("x", "{\"a\":2,\"constructor\":3}")]
    public void JsonOf_AValue_IsWrittenAsJavaScriptDoes(string text, string expected) =>
        Assert.Equal(expected,
            ExpressionAnswer.JsonOf(Answer(text, "{\"x\":{\"a\":2,\"constructor\":3}}").Value!));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void ToJson_Depth_UpToTheLimit(int levels, bool isAllowed)
    {
        var json = new string('[', levels) + new string(']', levels);
        using var document = JsonDocument.Parse($"{{\"x\":{json}}}",
            new JsonDocumentOptions { MaxDepth = 100 });
        var context = new JsonContext(document.RootElement, ConclusionSeen.Success, null);
        var answer = ExpressionAnswer.Of("toJSON(x)", context);
        Assert.Equal(isAllowed ? null : "AEGIS1094", answer.Error?.Code);
        var whole = ExpressionAnswer.Of("x", context).ToJson();
        Assert.Equal(isAllowed, whole.StartsWith("{\"kind\":\"array\",", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ConclusionSeen.Success, "true false true false")]
    [InlineData(ConclusionSeen.Failure, "false true true false")]
    [InlineData(ConclusionSeen.Cancelled, "false false true true")]
    public void StatusFunctions_FollowTheConclusion(ConclusionSeen status, string expected)
    {
        var context = new JsonContext(null, status, null);
        var answer = ExpressionAnswer.Of(
            "format('{0} {1} {2} {3}', success(), failure(), always(), cancelled())", context);
        Assert.Equal(expected, Coercion.ToText(answer.Value!));
    }

    [Fact]
    public void References_OfCase_LeaveItsPredicatesOut()
    {
        var expression = Expression.Parse("case(inputs.a == 'x', inputs.b, inputs.c, inputs.d, inputs.e)")
            .Expression!;
        Assert.Equal(["a False", "b True", "c False", "d True", "e True"],
            expression.References.Select(r => $"{r.Path[0]} {r.ReachesResult}"));
    }

    private static ExpressionAnswer Answer(string text, string contexts) => ExpressionAnswer.Of(text,
        new JsonContext(JsonElement.Parse(contexts), ConclusionSeen.Success, null));
}
