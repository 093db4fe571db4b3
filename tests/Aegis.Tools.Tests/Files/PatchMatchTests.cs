using Aegis.Tools.Files.Patching;

namespace Aegis.Tools.Tests.Files;

/// <summary>What counts as the same lines, and what does not.</summary>
public sealed class PatchMatchTests
{
    private static PatchOutcome Apply(string search, string replace, string before) => PatchApplier.Apply(
        PatchText.Parse($"x\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n").Edits,
        new Dictionary<string, string?> { ["x"] = before });

    [Theory]
    [InlineData("b\n", "B\n", "a\nb\nc\n", "a\nB\nc\n", HunkMatch.Exact)]
    [InlineData("b  \n", "B\n", "a\nb\t\nc\n", "a\nB\nc\n", HunkMatch.Whitespace)]
    [InlineData("x = f( 1,  2)\n", "x = 3\n", "x =  f( 1, 2)\n", "x = 3\n", HunkMatch.Whitespace)]
    [InlineData("if a:\n    b\n", "if a:\n    c\n\n    d\n", "    if a:\n        b\n",
        "    if a:\n        c\n\n        d\n", HunkMatch.Indentation)]
    [InlineData("    if a:\n        b\n", "    if a:\n        c\n", "\tif z\nif a:\n    b\n",
        "\tif z\nif a:\n    c\n", HunkMatch.Indentation)]
    [InlineData("b\n", "c\n", "\tb\n", "\tc\n", HunkMatch.Indentation)]
    public void Hunk_ThatFitsOnePlace_AppliesAndSaysHow(
        string search, string replace, string before, string after, HunkMatch match)
    {
        var outcome = Apply(search, replace, before);
        Assert.Empty(outcome.Errors);
        Assert.Equal(after, Assert.Single(outcome.Changes).Content);
        Assert.Equal(match, Assert.Single(outcome.Hunks).Match);
    }

    [Theory]
    // the strictest rule that finds anything decides, and two places are never one
    [InlineData("b\n", "c\n", "  b\n    b\n", "AEGIS2122")]
    [InlineData("b\n", "c\n", "b \nb\t\n", "AEGIS2122")]
    [InlineData("a b\n", "c\n", "a  b\na   b\n", "AEGIS2122")]
    // not shifted by the same on every line
    [InlineData("if a:\n  b\n", "x\n", "  if a:\n      b\n", "AEGIS2121")]
    // tabs are not spaces
    [InlineData("\tif a:\n", "x\n", "    if a:\n", "AEGIS2121")]
    // a new line that does not hold what would be taken from it
    [InlineData("    a\n", "b\n", "a\n", "AEGIS2121")]
    // other words, other case, other order, joined words
    [InlineData("a b\n", "c\n", "a c\n", "AEGIS2121")]
    [InlineData("a b\n", "c\n", "A b\n", "AEGIS2121")]
    [InlineData("a b\n", "c\n", "b a\n", "AEGIS2121")]
    [InlineData("ab\n", "c\n", "a b\n", "AEGIS2121")]
    // blank lines alone say nothing
    [InlineData("\n\n", "c\n", "  \n   \na\n  \n \n", "AEGIS2122")]
    public void Hunk_ThatWouldBeAGuess_IsRefused(string search, string replace, string before, string code)
    {
        var outcome = Apply(search, replace, before);
        Assert.Equal(code, Assert.Single(outcome.Errors).Code);
        Assert.Empty(outcome.Changes);
        Assert.Empty(outcome.Hunks);
    }

    [Theory]
    [InlineData(null, "a\nb\n")]
    [InlineData("old\n", "a\nb\n")]
    [InlineData("old\r\nold\r\n", "a\r\nb\r\n")]
    public void WholeFile_IsWrittenWhateverWasThere(string? before, string after)
    {
        var parsed = PatchText.Parse("x\n<<<<<<< FILE\na\nb\n>>>>>>> FILE\n");
        var outcome = PatchApplier.Apply(parsed.Edits, new Dictionary<string, string?> { ["x"] = before });
        var change = Assert.Single(outcome.Changes);
        Assert.Equal(after, change.Content);
        Assert.Equal((2, before?.Count(c => c == '\n') ?? 0), (change.LinesAdded, change.LinesRemoved));
    }

    [Fact]
    public void WholeFile_MayHoldMarksOfTheOtherFormats()
    {
        var parsed = PatchText.Parse(
            "`x`\n```\n<<<<<<< FILE\n<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE\n--- a\n>>>>>>> FILE\n```\n");
        var outcome = PatchApplier.Apply(parsed.Edits, new Dictionary<string, string?> { ["x"] = null });
        Assert.Equal("<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE\n--- a\n",
            Assert.Single(outcome.Changes).Content);
    }

    [Theory]
    [InlineData("x\n<<<<<<< FILE\na\n")]
    [InlineData("<<<<<<< FILE\na\n>>>>>>> FILE\n")]
    [InlineData("x\n<<<<<<< FILE\na\n>>>>>>> FILE\nx\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n")]
    [InlineData("x\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n<<<<<<< FILE\na\n>>>>>>> FILE\n")]
    public void WholeFile_BrokenOrBesideAChange_IsRefused(string patch) =>
        Assert.Equal("AEGIS2120", PatchText.Parse(patch).Error?.Code);
}
