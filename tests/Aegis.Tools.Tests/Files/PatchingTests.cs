using Aegis.Tools.Files.Patching;

namespace Aegis.Tools.Tests.Files;

public sealed class PatchingTests
{
    private static PatchOutcome Apply(string patch, params (string Path, string? Content)[] files)
    {
        var parsed = PatchText.Parse(patch);
        Assert.Null(parsed.Error);
        return PatchApplier.Apply(parsed.Edits, files.ToDictionary(f => f.Path, f => f.Content));
    }

    private static string? Only(PatchOutcome outcome)
    {
        Assert.Empty(outcome.Errors);
        return Assert.Single(outcome.Changes).Content;
    }

    [Fact]
    public void Diff_AtItsStatedLine_Applies() =>
        Assert.Equal("a\nB\nc\n",
            Only(Apply("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", ("x", "a\nb\nc\n"))));

    [Fact]
    public void Diff_WhoseLinesMoved_AppliesAtTheOnlyPlace() =>
        Assert.Equal("new\nnew\na\nB\nc\n",
            Only(Apply("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", ("x", "new\nnew\na\nb\nc\n"))));

    [Fact]
    public void Diff_WhoseLinesMovedAndFitTwice_IsAmbiguous()
    {
        var outcome = Apply("--- a/x\n+++ b/x\n@@ -9,1 +9,1 @@\n-b\n+B\n", ("x", "b\nq\nb\n"));
        Assert.Equal("AEGIS2122", Assert.Single(outcome.Errors).Code);
        Assert.Empty(outcome.Changes);
    }

    [Fact]
    public void Diff_ThatFitsTwiceButStatesItsLine_TakesTheStatedOne() =>
        Assert.Equal("b\nq\nB\n",
            Only(Apply("--- a/x\n+++ b/x\n@@ -3,1 +3,1 @@\n-b\n+B\n", ("x", "b\nq\nb\n"))));

    [Fact]
    public void Diff_DriftOfTheFirstHunk_CarriesToTheSecond()
    {
        // without the drift the second hunk's stated line would hold the wrong one of the two `b`
        var patch = "--- a/x\n+++ b/x\n@@ -1,1 +1,3 @@\n a\n+1\n+2\n@@ -3,1 +5,1 @@\n-b\n+B\n";
        Assert.Equal("a\n1\n2\nb\nB\nb\n", Only(Apply(patch, ("x", "a\nb\nb\nb\n"))));
    }

    [Fact]
    public void Diff_TrailingSpacesDiffer_AppliesAndContextKeepsTheFilesSpelling() =>
        Assert.Equal("a  \nB\nc\n",
            Only(Apply("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", ("x", "a  \nb\t\nc\n"))));

    [Fact]
    public void Diff_OnAFileWithCarriageReturns_AddsThemToNewLines() =>
        Assert.Equal("a\r\nB\r\nc\r\n",
            Only(Apply("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", ("x", "a\r\nb\r\nc\r\n"))));

    [Theory]
    [InlineData("-b\n\\ No newline at end of file\n+b\n", "a\nb", "a\nb\n")]
    [InlineData("-b\n+b\n\\ No newline at end of file\n", "a\nb\n", "a\nb")]
    [InlineData("-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n", "a\nb", "a\nc")]
    [InlineData("-b\n+c\n", "a\nb", "a\nc")]
    public void Diff_LastLineFeed_IsAsTheDiffSays(string body, string before, string after) =>
        Assert.Equal(after, Only(Apply("--- a/x\n+++ b/x\n@@ -2,1 +2,1 @@\n" + body, ("x", before))));

    [Fact]
    public void Diff_CreateDeleteRename_AreThreeChanges()
    {
        const string patch = """
            diff --git a/new.sh b/new.sh
            new file mode 100755
            --- /dev/null
            +++ b/new.sh
            @@ -0,0 +1,1 @@
            +echo
            diff --git a/old b/old
            deleted file mode 100644
            --- a/old
            +++ /dev/null
            @@ -1,1 +0,0 @@
            -gone
            diff --git a/from b/to
            similarity index 50%
            rename from from
            rename to to
            --- a/from
            +++ b/to
            @@ -1,2 +1,2 @@
             one
            -two
            +2

            """;
        var outcome = Apply(patch, ("new.sh", null), ("old", "gone\n"), ("from", "one\ntwo\n"), ("to", null));
        Assert.Empty(outcome.Errors);
        Assert.Equal<FileChange[]>(
            [
                new FileChange("from", null, null, "from", 0, 0),
                new FileChange("new.sh", "echo\n", true, "new.sh", 1, 0),
                new FileChange("old", null, null, "old", 0, 1),
                new FileChange("to", "one\n2\n", null, "from", 1, 1),
            ],
            [.. outcome.Changes]);
    }

    [Fact]
    public void Diff_DeletionThatLeavesLines_IsRefused() =>
        Assert.Equal("AEGIS2121", Assert.Single(
            Apply("--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n", ("x", "a\nb\n")).Errors).Code);

    [Fact]
    public void Diff_QuotedName_IsRead() =>
        Assert.Equal("ñ.txt", Assert.Single(
            PatchText.Parse("--- \"a/\\303\\261.txt\"\n"
                + "+++ \"b/\\303\\261.txt\"\n@@ -1 +1 @@\n-a\n+b\n").Edits).Path);

    [Fact]
    public void Diff_PureInsertionWithoutContext_GoesAfterItsLine() =>
        Assert.Equal("a\nX\nb\n", Only(Apply("--- a/x\n+++ b/x\n@@ -1,0 +2,1 @@\n+X\n", ("x", "a\nb\n"))));

    [Fact]
    public void Diff_PureInsertionPastTheEnd_IsRefused() =>
        Assert.Equal("AEGIS2121", Assert.Single(
            Apply("--- a/x\n+++ b/x\n@@ -3,0 +4,1 @@\n+X\n", ("x", "a\nb\n")).Errors).Code);

    [Fact]
    public void Diff_RemovedLineThatLooksLikeAHeader_IsALine() =>
        Assert.Equal("", Only(Apply("--- a/x\n+++ b/x\n@@ -1,1 +0,0 @@\n--- y\n", ("x", "-- y\n"))));

    [Theory]
    [InlineData("--- a/x\n+++ b/x\n@@ -1,2 +1,1 @@\n-a\n+b\n")]
    [InlineData("--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n-b\n+b\n")]
    [InlineData("--- a/x\n+++ b/x\n@@ nonsense @@\n-a\n+b\n")]
    [InlineData("diff --git a/x b/x\nGIT binary patch\nliteral 1\n")]
    [InlineData("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n")]
    [InlineData("diff --git a/x b/y\ncopy from x\ncopy to y\n")]
    [InlineData("just words\n")]
    [InlineData("")]
    [InlineData("f\n<<<<<<< SEARCH\na\n=======\nb\n")]
    [InlineData("f\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n")]
    [InlineData("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n")]
    public void Parse_MalformedPatch_SaysSo(string patch) =>
        Assert.Equal("AEGIS2120", PatchText.Parse(patch).Error?.Code);

    [Fact]
    public void Blocks_TwoFiles_ApplyBoth()
    {
        const string patch = "src/a.cs\n```\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n"
            + "b.txt\n<<<<<<< SEARCH\n=======\nfresh\n>>>>>>> REPLACE\n";
        var outcome = Apply(patch, ("src/a.cs", "x\nold\ny\n"), ("b.txt", null));
        Assert.Empty(outcome.Errors);
        Assert.Equal(["fresh\n", "x\nnew\ny\n"], outcome.Changes.Select(c => c.Content));
    }

    [Fact]
    public void Blocks_SecondBlockWithoutPath_BelongsToTheSameFileInAnyOrder() =>
        Assert.Equal("A\nB\n", Only(Apply(
            "f\n<<<<<<< SEARCH\nb\n=======\nB\n>>>>>>> REPLACE\n"
            + "<<<<<<< SEARCH\na\n=======\nA\n>>>>>>> REPLACE\n",
            ("f", "a\nb\n"))));

    [Fact]
    public void Blocks_OneOfTwoFilesDoesNotFit_NothingChangesAndTheNearestLineIsNamed()
    {
        const string patch = "a\n<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n"
            + "b\n<<<<<<< SEARCH\nalpha\nbeta\n=======\n2\n>>>>>>> REPLACE\n";
        var outcome = Apply(patch, ("a", "one\n"), ("b", "zero\nalpha\nBETA\n"));
        Assert.Empty(outcome.Changes);
        var error = Assert.Single(outcome.Errors);
        Assert.Equal("AEGIS2121", error.Code);
        Assert.Equal("nearest at line 2, 1 of 2 lines agree; line 3: wanted «beta», found «BETA»", error.Got);
    }

    [Fact]
    public void Blocks_SearchThatFitsTwice_IsAmbiguous() =>
        Assert.Equal("AEGIS2122", Assert.Single(Apply(
            "f\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", ("f", "a\na\n")).Errors).Code);

    [Fact]
    public void Blocks_CreateWhatExists_IsRefused() =>
        Assert.Equal("AEGIS2123", Assert.Single(Apply(
            "f\n<<<<<<< SEARCH\n=======\nb\n>>>>>>> REPLACE\n", ("f", "a\n")).Errors).Code);

    [Fact]
    public void Blocks_ChangeOfWhatDoesNotExist_IsRefused() =>
        Assert.Equal("AEGIS2123", Assert.Single(Apply(
            "f\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", ("f", null)).Errors).Code);

    [Fact]
    public void Diff_SameFileTwice_AppliesInOrder() =>
        Assert.Equal("c\n", Only(Apply(
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n", ("x", "a\n"))));

    [Fact]
    public void Parse_AtTheLimitOfFilesAndOnePast_TakesTheFirstOnly()
    {
        static string Patch(int files) => string.Concat(Enumerable.Range(0, files)
            .Select(i => $"--- a/f{i}\n+++ b/f{i}\n@@ -1 +1 @@\n-a\n+b\n"));
        Assert.Null(PatchText.Parse(Patch(PatchText.FilesMax)).Error);
        Assert.Equal("AEGIS2120", PatchText.Parse(Patch(PatchText.FilesMax + 1)).Error?.Code);
    }

    [Fact]
    public void Parse_AtTheLimitOfHunksAndOnePast_TakesTheFirstOnly()
    {
        static string Patch(int hunks) => "--- a/f\n+++ b/f\n" + string.Concat(Enumerable.Range(1, hunks)
            .Select(i => $"@@ -{i} +{i} @@\n-a\n+b\n"));
        Assert.Null(PatchText.Parse(Patch(PatchText.HunksMax)).Error);
        Assert.Equal("AEGIS2120", PatchText.Parse(Patch(PatchText.HunksMax + 1)).Error?.Code);
    }
}
