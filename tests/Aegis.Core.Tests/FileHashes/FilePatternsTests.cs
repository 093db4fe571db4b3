using Aegis.Core.FileHashes;

namespace Aegis.Core.Tests.FileHashes;

/// <summary>What patterns choose; random ones are held against GitHub's own library by the tests of
/// Aegis.Files.</summary>
public sealed class FilePatternsTests
{
    [Theory]
    [InlineData("package-lock.json", "package-lock.json", true)]
    [InlineData("package-lock.json", "app/package-lock.json", false)]
    [InlineData("**/package-lock.json", "package-lock.json", true)]
    [InlineData("**/package-lock.json", "a/b/package-lock.json", true)]
    [InlineData("src", "src/a/b", true)]
    [InlineData("src/", "src", false)]
    [InlineData("src/*.js", "src/.hidden.js", true)]
    [InlineData("src/*.js", "src/a/b.js", false)]
    [InlineData("src/?.js", "src/A.js", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("SRC", "src", false)]
    [InlineData("**\n!node_modules", "node_modules/x", false)]
    [InlineData("!a\n**", "a", true)]
    [InlineData("# a", "# a", false)]
    [InlineData("\\# a", "# a", true)]
    [InlineData("./a", "a", true)]
    [InlineData("/work/a", "a", true)]
    [InlineData("/other/**", "a", false)]
    [InlineData("~/a", "~/a", false)]
    [InlineData("{a,b}", "a", false)]
    public void Choose_APath_FollowsGitHubsRules(string patterns, string path, bool expected)
    {
        var parsed = FilePatterns.Parse([patterns], "/work").Patterns!;
        Assert.Equal(expected, parsed.Choose(path));
    }

    [Theory]
    [InlineData("**", "")]
    [InlineData("b/*\na/*", "b a")]
    [InlineData("a/b/*\na/*\nc", "a c")]
    [InlineData("/other/*\nx", "x")]
    [InlineData("!a", null)]
    public void SearchPaths_OfPatterns_KeepTheirOrder(string patterns, string? expected) =>
        Assert.Equal(expected is null ? [] : expected.Split(' '),
            FilePatterns.Parse([patterns], "/work").Patterns!.SearchPaths);

    [Theory]
    [InlineData("a/**/b", "a/x", true)]
    [InlineData("a/b/c", "a", true)]
    [InlineData("a/b/c", "a/x", false)]
    [InlineData("!a", "a", false)]
    [InlineData("a", "a/b", true)]
    public void MayChooseBelow_AFolder_SaysWhetherToLook(string pattern, string folder, bool expected) =>
        Assert.Equal(expected, FilePatterns.Parse([pattern], "/work").Patterns!.MayChooseBelow(folder));

    [Theory]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("a/./b")]
    [InlineData("!")]
    [InlineData("--follow-symbolic-links")]
    public void Parse_WhatLeadsAstray_IsRefused(string pattern) =>
        Assert.Equal("AEGIS1097", FilePatterns.Parse([pattern], "/work").Error?.Code);

    [Theory]
    [InlineData(1_000, 4_096, null)]
    [InlineData(1_001, 4_096, "AEGIS1097")]
    [InlineData(1_000, 4_097, "AEGIS1097")]
    public void Parse_Limits_HoldAtTheirEdge(int patterns, int length, string? code)
    {
        var line = new string('x', length);
        var text = string.Join('\n', Enumerable.Repeat("a", patterns - 1).Append(line));
        Assert.Equal(code, FilePatterns.Parse([text], "/work").Error?.Code);
    }

    [Fact]
    public void Choose_ManyStars_TakesNoLongerThanTheirProduct()
    {
        static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
        var pattern = $"{Times("*a", 1_500)}/{Times("**/", 300)}b";
        var path = new string('a', 4_000) + Times("/a", 1_000);
        Assert.False(FilePatterns.Parse([pattern], "/work").Patterns!.Choose(path));
    }
}
