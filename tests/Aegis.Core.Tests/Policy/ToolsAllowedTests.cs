using Aegis.Core.Policy;

namespace Aegis.Core.Tests.Policy;

public sealed class ToolsAllowedTests
{
    [Fact]
    public void Refusal_WithoutAList_IsNone() => Assert.Null(ToolsAllowed.Refusal(default, "git.push"));

    [Theory]
    [InlineData("", "no tool at all")]
    [InlineData("a", "a")]
    [InlineData("a b c d e f g h", "a, b, c, d, e, f, g, h")]
    [InlineData("a b c d e f g h i", "a, b, c, d, e, f, g, h, …")]
    public void Refusal_NamesTheFirstEight(string allowed, string expected) => Assert.Equal(expected,
        ToolsAllowed.Refusal([.. allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries)], "git.push")!
            .Expected);

    [Fact]
    public void Entry_IsTheOneThatCovers()
    {
        Assert.Equal("git", ToolsAllowed.Entry(["file", "git"], "git.push"));
        Assert.Null(ToolsAllowed.Entry(["file"], "git.push"));
        Assert.Null(ToolsAllowed.Refusal(["git"], "git.push"));
    }
}
