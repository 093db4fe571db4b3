using System.Collections.Immutable;
using Aegis.Core.Deployments.Sites;

namespace Aegis.Core.Tests.Deployments;

/// <summary>What brings a bucket from one release to the next.</summary>
public sealed class SiteTests
{
    private static readonly SiteNames Names = new("www/", "site");

    [Theory]
    [InlineData(SiteLimits.KeyBytesMax, true)]
    [InlineData(SiteLimits.KeyBytesMax + 1, false)]
    public void Key_IsTakenUpToTheLimit_WithThePrefix(int bytes, bool taken)
    {
        // two bytes each, and one to be odd
        var count = bytes - "www/".Length;
        var path = new string('ñ', count / 2) + new string('x', count % 2);
        Assert.Equal(taken, Names.Fault(path) is null);
    }

    [Theory]
    [InlineData("a/../b")]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("")]
    [InlineData(".aegis/x")]
    [InlineData("a\nb")]
    public void Path_ThatIsNone_IsRefused(string path) => Assert.Equal("AEGIS2674", Names.Fault(path)?.Code);

    [Theory]
    [InlineData("..a/b..c")]
    [InlineData("a%2f..%2fb")]
    [InlineData("añb c+d.txt")]
    [InlineData(".well-known/x")]
    public void Path_ThatOnlyLooksLikeIt_IsTaken(string path) => Assert.Null(Names.Fault(path));

    [Theory]
    [InlineData(SiteLimits.PrefixCharsMax, true)]
    [InlineData(SiteLimits.PrefixCharsMax + 1, false)]
    public void Prefix_IsTakenUpToTheLimit(int chars, bool taken) =>
        Assert.Equal(taken, SiteNames.PrefixOf(new string('p', chars)) is not null);

    [Fact]
    public void Change_SendsWhatIsNotThere_AndPutsPagesLast()
    {
        SiteFile[] files = [File("index.html", "a"), File("docs/x/deep.html", "b"), File("app.js", "c"),
            File("copy.js", "c"), File("half.js", "d")];
        var change = SiteChange.Of([.. files], new Dictionary<string, long> { ["b"] = 1, ["d"] = 0 },
            new Dictionary<string, string>(), null, prune: false);
        Assert.Equal(["index.html", "app.js", "half.js"], change.Send.Select(f => f.Path));
        Assert.Equal(["app.js", "copy.js", "half.js"], change.Assets.Select(f => f.Path));
        Assert.Equal(["docs/x/deep.html", "index.html"], change.Pages.Select(f => f.Path));
    }

    [Fact]
    public void Change_LeavesAloneWhatOthersWroteOver_AndRemovesOnlyWhenAsked()
    {
        var before = new SiteManifest("rel_1", "site", [Placed("a.js", "1"), Placed("b.js", "2")], ["rel_1"],
            [Placed("old.js", "3"), Placed("gone.js", "4")]);
        var live = new Dictionary<string, string> { ["a.js"] = "1", ["b.js"] = "other", ["old.js"] = "3" };
        var kept = SiteChange.Of([], new Dictionary<string, long>(), live, before, prune: false);
        Assert.Equal(["a.js", "old.js"], kept.Left.Select(f => f.Path));
        Assert.Empty(kept.Removed);
        var pruned = SiteChange.Of([], new Dictionary<string, long>(), live, before, prune: true);
        Assert.Equal(["a.js", "old.js"], pruned.Removed.Select(f => f.Path));
    }

    [Fact]
    public void Manifest_ReadsWhatItWrote_AndNothingElse()
    {
        var written = new SiteManifest("rel_1", "site", [Placed("ñ.js", "1")], ["rel_1", "rel_0"], []);
        var read = SiteManifest.FromJson(written.ToJson());
        Assert.Equal(written.ToJson(), read!.ToJson());
        Assert.Null(SiteManifest.FromJson("{}"u8));
        Assert.Null(SiteManifest.FromJson("<html>"u8));
        Assert.NotEqual(SiteManifest.IdOf([File("a", "1")]), SiteManifest.IdOf([File("a", "2")]));
    }

    private static SiteFile File(string path, string sha) => new(path, sha, 1);

    private static PlacedFile Placed(string path, string etag) => new(path, "s", 1, etag);
}
