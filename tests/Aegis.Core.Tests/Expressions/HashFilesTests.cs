using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.FileHashes;

namespace Aegis.Core.Tests.Expressions;

public sealed class HashFilesTests
{
    [Theory]
    [InlineData("hashFiles('a', 'b')", "a|b")]
    [InlineData("hashFiles(1, true)", "1|true")]
    [InlineData("format('{0}', hashFiles('x'))", "x")]
    [InlineData("hashFiles(inputs.p)", "lock.json")]
    public void Evaluate_WithAWorkspace_AsksItForThePatterns(string text, string expected)
    {
        var context = new WorkspaceContext();
        Assert.Equal(new EvaluationResult(ExpressionValue.Of(expected), null),
            Expression.Parse(text).Expression!.Evaluate(context));
    }

    [Fact]
    public void Evaluate_WithoutAWorkspace_IsAnErrorThatSaysWhere()
    {
        var result = Expression.Parse("hashFiles('x')").Expression!.Evaluate(new FakeContext());
        Assert.Equal("AEGIS1089", result.Error?.Code);
        Assert.Contains("--workspace", result.Error?.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_WorkspaceThatRefuses_IsItsError()
    {
        var result = Expression.Parse("hashFiles('bad')").Expression!.Evaluate(new WorkspaceContext());
        Assert.Equal("AEGIS1098", result.Error?.Code);
    }

    [Theory]
    [InlineData("hashFiles()", "AEGIS1085")]
    [InlineData("hashFiles('a')", null)]
    public void Parse_NumberOfArguments_IsHeld(string text, string? code) =>
        Assert.Equal(code, Expression.Parse(text).Error?.Code);

    [Fact]
    public void HashFilesCalls_OfAnExpression_AreFoundWithTheirPatterns()
    {
        var calls = Expression.Parse("case(hashFiles('a','b') == '', 1, hashFiles(inputs.p, hashFiles('c')))")
            .Expression!.HashFilesCalls;
        var context = new WorkspaceContext();
        Assert.Equal(["5 a,b a,b", "34 computed lock.json,c", "54 c c"],
            calls.Select(c => $"{c.At} {(c.Literal is { } l ? string.Join(',', l) : "computed")} "
                + string.Join(',', c.PatternsIn(context).Patterns!.Value)));
        Assert.Equal("AEGIS1089", calls[1].PatternsIn(new FakeContext("{\"inputs\":{}}")).Error?.Code);
        Assert.Empty(Expression.Parse("contains('hashFiles', 'x')").Expression!.HashFilesCalls);
    }

    private sealed class WorkspaceContext : ExpressionContext, IFileHashes
    {
        private readonly FakeContext inner = new("""{"inputs":{"p":"lock.json"}}""");

        public override bool Success => inner.Success;

        public override bool Failure => inner.Failure;

        public override bool Cancelled => inner.Cancelled;

        public override IFileHashes? Files => this;

        public override ExpressionValue? Root(string name) => inner.Root(name);

        public FileHash HashOf(ImmutableArray<string> patterns) => patterns[0] == "bad"
            ? new FileHash(null, new AegisError("AEGIS1098", "too many"))
            : new FileHash(string.Join('|', patterns), null);
    }
}
