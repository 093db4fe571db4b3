using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

public sealed class ConditionTests
{
    private const string Roots =
        """{"inputs":{"yes":true,"no":false,"text":"x"},"steps":{"a":{"ok":true}}}""";

    [Theory]
    [InlineData(null, true)]
    [InlineData("true", true)]
    [InlineData("${{ true }}", true)]
    [InlineData("  ${{ inputs.no }}  ", false)]
    [InlineData("inputs.text", true)]
    [InlineData("inputs.missing", false)]
    [InlineData("steps.a.ok && steps.b.ok", false)]
    [InlineData("failure()", false)]
    [InlineData("!cancelled()", true)]
    public void Evaluate_WhereAllWentWell_IsItsValue(string? text, bool expected) =>
        Assert.Equal(new ConditionResult(expected, null), Condition.Evaluate(text, new FakeContext(Roots)));

    [Theory]
    [InlineData(null, false)]
    [InlineData("true", false)]
    [InlineData("failure()", true)]
    [InlineData("always()", true)]
    [InlineData("always() && inputs.no", false)]
    [InlineData("success() || inputs.yes", true)]
    [InlineData("${{ !success() }}", true)]
    public void Evaluate_AfterAFailure_MeansSuccessUnlessItAsks(string? text, bool expected)
    {
        var context = new FakeContext(Roots) { Succeeded = false, Failed = true };
        Assert.Equal(new ConditionResult(expected, null), Condition.Evaluate(text, context));
    }

    [Fact]
    public void Evaluate_NullOrNotSuccessful_AsksForNoRoot()
    {
        var context = new FakeContext(Roots) { Succeeded = false };
        Condition.Evaluate(null, context);
        Condition.Evaluate("inputs.yes", context);
        Assert.Equal(0, context.RootsAsked);
    }

    [Theory]
    [InlineData("a ${{ true }}", "AEGIS1095")]
    [InlineData("${{ true }} && ${{ true }}", "AEGIS1095")]
    [InlineData("${{ true }} && x", "AEGIS1095")]
    [InlineData("${{ true", "AEGIS1091")]
    [InlineData("", "AEGIS1081")]
    [InlineData("${{ }}", "AEGIS1081")]
    [InlineData("1 ==", "AEGIS1081")]
    [InlineData("fromJSON('x')", "AEGIS1093")]
    [InlineData("item", "AEGIS1089")]
    [InlineData("env.X", "AEGIS1089")]
    public void Evaluate_WhatCannotBeRead_IsAnError(string text, string code)
    {
        var result = Condition.Evaluate(text, new FakeContext(Roots));
        Assert.Equal((null, code), (result.Value, result.Error?.Code));
    }
}
