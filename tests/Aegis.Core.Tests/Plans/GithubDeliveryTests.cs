using System.Text.Json;
using Aegis.Core.Plans.Triggers;

namespace Aegis.Core.Tests.Plans;

public sealed class GithubDeliveryTests
{
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";

    private const string Push = $$"""
        {"ref":"refs/heads/release/1","after":"{{Sha}}","sender":{"login":"ana"},
         "repository":{"full_name":"o/r"},
         "commits":[{"added":["src/a.cs"],"modified":["docs/x.md"]},{"removed":["old.txt"]}]}
        """;

    private const string Pull = $$$"""
        {"action":"opened",
         "pull_request":{"number":7,"head":{"ref":"topic","sha":"{{{Sha}}}"},"base":{"ref":"main"}},
         "sender":{"login":"ana"},"repository":{"full_name":"o/r"}}
        """;

    [Theory]
    [InlineData("push", Push, $$"""
        {"event":"push","branch":"release/1","sha":"{{Sha}}","actor":"ana","repository":"o/r","delivery":"d1"}
        """)]
    [InlineData("pull_request", Pull, $$"""
        {"event":"pull_request","action":"opened","branch":"topic","base":"main","sha":"{{Sha}}",
         "actor":"ana","repository":"o/r","pr":7,"delivery":"d1"}
        """)]
    [InlineData("issues", """{"action":"opened","issue":{"number":3},"sender":{"login":"ana"}}""",
        """{"event":"issues","action":"opened","actor":"ana","issue":3,"delivery":"d1"}""")]
    [InlineData("push", """{"ref":"refs/tags/v1"}""", """{"event":"push","tag":"v1","delivery":"d1"}""")]
    [InlineData("ping", "[]", """{"event":"ping","delivery":"d1"}""")]
    public void Context_HoldsWhatTheDeliverySays(string kind, string body, string context) =>
        Assert.Equal(JsonSerializer.Serialize(JsonElement.Parse(context)),
            Read(kind, body).Context().ToJsonString());

    [Theory]
    [InlineData("""{"after":"$(reboot)"}""")]
    [InlineData("""{"after":"0123456789abcdef0123456789abcdef0123456"}""")]
    [InlineData("""{"after":"0123456789ABCDEF0123456789abcdef01234567"}""")]
    [InlineData("""{"after":5,"sender":"ana","issue":{"number":"3"},"ref":{}}""")]
    public void Members_ThatAreNotWhatTheyMustBe_AreLeftOut(string body) =>
        Assert.Equal("""{"event":"push","delivery":"d1"}""", Read("push", body).Context().ToJsonString());

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Text_IsTakenUpTo256Characters(int length, bool taken) => Assert.Equal(taken,
        Read("push", $$"""{"sender":{"login":"{{new string('a', length)}}" } }""").Actor is not null);

    [Theory]
    [InlineData("github:push", Push, true)]
    [InlineData("github:push: {branches: main}", Push, false)]
    [InlineData("github:push: {branches: 'release/*'}", Push, true)]
    [InlineData("github:push: {branches: '*'}", Push, false)]
    [InlineData("github:push: {branches: '**'}", Push, true)]
    [InlineData("github:push: {paths: 'src/**'}", Push, true)]
    [InlineData("github:push: {paths: '*.cs'}", Push, false)]
    [InlineData("github:push: {paths: '**/*.cs'}", Push, true)]
    [InlineData("github:push: {paths: [old.txt]}", Push, true)]
    [InlineData("github:push: {branches: main, paths: 'src/**'}", Push, false)]
    [InlineData("github:push.opened", Push, false)]
    [InlineData("github:pull_request", Push, false)]
    [InlineData("github:push: {branches: '**'}", """{"ref":"refs/tags/v1"}""", false)]
    [InlineData("github:push", """{"ref":"refs/heads/main","deleted":true}""", false)]
    public void Push_StartsWhatNamesIt(string on, string body, bool starts) =>
        Assert.Equal(starts, Read("push", body).Starts(Trigger(on)));

    [Theory]
    [InlineData("github:pull_request", true)]
    [InlineData("github:pull_request.opened", true)]
    [InlineData("github:pull_request.closed", false)]
    [InlineData("github:pull_request.opened: {branches: main}", true)]
    [InlineData("github:pull_request.opened: {branches: topic}", false)]
    public void PullRequest_IsHeldAgainstItsBase(string on, bool starts) =>
        Assert.Equal(starts, Read("pull_request", Pull).Starts(Trigger(on)));

    [Theory]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("main", "main\n", false)]
    [InlineData("**a**a**a**a**a**b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
        false)]
    public void Glob_Matches(string glob, string name, bool matches) =>
        Assert.Equal(matches, Glob.Matches(glob, name));

    private static GithubDelivery Read(string kind, string body) =>
        GithubDelivery.Read("d1", kind, JsonElement.Parse(body));

    private static GithubTrigger Trigger(string on) => (GithubTrigger)Compiling.Plan(
        $"name: w\non:\n  - {on}\nsteps: [{{id: a, uses: t}}]").On.Single();
}
