using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

public sealed class RefNameTests
{
    public static TheoryData<string> Names =>
    [
        "main", "feature/x", "a.b", "a-b_c", "v1.0", "ñ", "aegis/run_1", "a@b", "x{y}",
        "", "-x", "HEAD", "@", ".a", "a/.b", "a.lock", "a/b.lock/c", "a..b", "a@{1}", "a b", "a~1", "a^",
            "a:b",
        "a?", "a*", "a[", "a\\b", "/a", "a/", "a//b", "a.", "a\tb", "a\x7f",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsBranch_AgreesWithGit(string name)
    {
        var git = GitFixture.Try("/", "check-ref-format", "--branch", name).ExitCode == 0
            // git expands @{…} and takes @; a name stands for itself here
            && name is not "@";
        Assert.Equal(git, RefName.IsBranch(name));
    }

    [Fact]
    public void IsBranch_LengthAtTheLimitAndOnePast()
    {
        Assert.True(RefName.IsBranch(new string('a', RefName.LengthMax)));
        Assert.False(RefName.IsBranch(new string('a', RefName.LengthMax + 1)));
    }

    [Theory]
    [InlineData("HEAD~1", true)]
    [InlineData("origin/main^2", true)]
    [InlineData("--output=x", false)]
    [InlineData("main..x", false)]
    [InlineData("main:file", false)]
    [InlineData("^main", false)]
    [InlineData("main^{/x}", false)]
    public void IsRevision_TakesNamesWithSteps(string text, bool expected) =>
        Assert.Equal(expected, RefName.IsRevision(text));
}
