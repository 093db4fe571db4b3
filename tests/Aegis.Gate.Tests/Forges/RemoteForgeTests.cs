using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Tests.Shared;

namespace Aegis.Gate.Tests.Forges;

public sealed class RemoteForgeTests
{
    private const string Token = "ghp_of-the-test";

    [Fact]
    public async Task Redirect_ToAnotherOrigin_IsNotFollowed()
    {
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok("{}"));
        await using var forge = new LoopbackServer(_ => LoopbackServer.Status("307 Temporary Redirect", "",
            $"Location: {other.Url("/repos/o/n/pulls")}\r\n"));

        Assert.Equal("AEGIS2397", await FailAsync(forge, "GET"));
        Assert.Equal("AEGIS2397", await FailAsync(forge, "POST"));
        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task Redirect_OfARenamedRepository_IsFollowedWithTokenAndBody()
    {
        await using var forge = new LoopbackServer(head => head.Contains("/repos/", StringComparison.Ordinal)
            ? LoopbackServer.Status("307 Temporary Redirect", "", "Location: /repositories/7/pulls\r\n")
            : LoopbackServer.Ok("""{"number":1}"""));

        var reply = await SendAsync(forge, "POST");

        Assert.Equal(1, reply.Body.GetProperty("number").GetInt32());
        var (head, body) = forge.Asked.Last();
        Assert.StartsWith("POST /repositories/7/pulls ", head, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {Token}", head, StringComparison.Ordinal);
        Assert.Equal("""{"title":"t"}""", body);
    }

    [Theory]
    [InlineData("301 Moved Permanently")]
    [InlineData("302 Found")]
    public async Task Redirect_ThatWouldLoseABody_IsRefused(string line)
    {
        await using var forge = new LoopbackServer(_ =>
            LoopbackServer.Status(line, "", "Location: /repositories/7/pulls\r\n"));
        Assert.Equal("AEGIS2397", await FailAsync(forge, "POST"));
    }

    [Theory]
    [InlineData(RemoteForge.RedirectsMax, null)]
    [InlineData(RemoteForge.RedirectsMax + 1, "AEGIS2397")]
    public async Task Redirects_HaveALimit(int count, string? code)
    {
        var left = count;
        await using var forge = new LoopbackServer(_ => left-- > 0
            ? LoopbackServer.Status("301 Moved Permanently", "", "Location: /repositories/7\r\n")
            : LoopbackServer.Ok("{}"));
        Assert.Equal(code, await OutcomeAsync(forge, "GET"));
    }

    [Theory]
    [InlineData("GET", ForgePatience.TriesMax)]
    [InlineData("POST", 1)]
    public async Task OutOfOrder_IsAskedAgainByReadsAlone(string method, int times)
    {
        await using var forge = new LoopbackServer(_ => LoopbackServer.Status("502 Bad Gateway", "<html>"));
        var reply = await SendAsync(forge, method);
        Assert.Equal((502, times), (reply.Status, forge.Asked.Count));
    }

    [Theory]
    [InlineData("429 Too Many Requests", "Retry-After: 2\r\n", 2)]
    [InlineData("403 Forbidden", "Retry-After: 2\r\n", 2)]
    [InlineData("403 Forbidden", "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1000000010\r\n", 2)]
    [InlineData("429 Too Many Requests", "Retry-After: 61\r\n", null)]
    [InlineData("403 Forbidden", "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1000003600\r\n", null)]
    public async Task RateLimit_ThatIsOverSoon_IsWaitedFor(string line, string headers, int? requests)
    {
        var limited = true;
        await using var forge = new LoopbackServer(_ =>
        {
            var answer = limited ? LoopbackServer.Status(line, "{}", headers) : LoopbackServer.Ok("{}");
            limited = false;
            return answer;
        });
        Assert.Equal(requests is null ? "AEGIS2395" : null, await OutcomeAsync(forge, "POST"));
        Assert.Equal(requests ?? 1, forge.Asked.Count);
    }

    [Fact]
    public async Task Forbidden_ThatIsNoRateLimit_IsTheAnswer()
    {
        await using var forge = new LoopbackServer(_ => LoopbackServer.Status("403 Forbidden",
            """{"message":"Resource not accessible by personal access token"}""",
            "x-ratelimit-remaining: 4999\r\n"));
        Assert.Equal((403, 1), ((await SendAsync(forge, "POST")).Status, forge.Asked.Count));
    }

    [Fact]
    public async Task RateLimit_WithoutEnd_IsGivenUp()
    {
        await using var forge = new LoopbackServer(_ =>
            LoopbackServer.Status("429 Too Many Requests", "", "Retry-After: 1\r\n"));
        Assert.Equal("AEGIS2395", await FailAsync(forge, "POST"));
        Assert.Equal(ForgePatience.TriesMax, forge.Asked.Count);
    }

    [Theory]
    [InlineData(RemoteForge.ReplyBytesMax, null)]
    [InlineData(RemoteForge.ReplyBytesMax + 1, "AEGIS2398")]
    public async Task Reply_HasALimit(int bytes, string? code)
    {
        await using var forge = new LoopbackServer(_ =>
            LoopbackServer.Ok($"\"{new string('x', bytes - 2)}\""));
        Assert.Equal(code, await OutcomeAsync(forge, "GET"));
    }

    [Fact]
    public async Task PlainHttpAndPrivateAddresses_AreTheOperatorsToAllow()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("{}"));
        Assert.Equal("AEGIS2390", await OutcomeAsync(server, "GET", ForgeRules.None));
        var https = new ForgeProfile(new Uri($"https://127.0.0.1:{server.Port}/"), server.Url(), "o",
            "n", "s");
        var refused = await Assert.ThrowsAsync<AegisException>(async () =>
            await new RemoteForge(https, Token, ForgeRules.None).SendAsync(Request("GET"), default));
        Assert.Equal("AEGIS2390", refused.Error.Code);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task NextPage_IsReadFromTheLinkHeader()
    {
        await using var forge = new LoopbackServer(_ => LoopbackServer.Ok("[]",
            "Link: </repositories/7/pulls?page=1>; rel=\"prev\", "
            + "</repositories/7/pulls?page=3>; rel=\"next\"\r\n"));
        Assert.Equal("/repositories/7/pulls?page=3", (await SendAsync(forge, "GET")).Next);
    }

    [Theory]
    [InlineData("<https://evil.example/x>; rel=\"next\"")]
    [InlineData("<https://api.github.com/x>; rel=\"last\"")]
    [InlineData("")]
    public void NextPage_ElsewhereOrAbsent_IsNone(string header) =>
        Assert.Null(ForgeLink.Next([header], ForgeRules.GitHub));

    [Theory]
    [InlineData("acme/web", "https://api.github.com/", "https://github.com/", "lent")]
    [InlineData("acme/other", "https://api.github.com/", "https://github.com/", null)]
    [InlineData("rival/web", "https://api.github.com/", "https://github.com/", null)]
    [InlineData("acme/web", "https://evil.example/", "https://github.com/", null)]
    [InlineData("acme/web", "https://api.github.com/", "https://evil.example/", null)]
    [InlineData("acme/web", "https://api.github.com:8443/", "https://github.com/", null)]
    [InlineData("acme/web", "https://api.github.com/x/", "https://github.com/", null)]
    public void HostToken_IsLentToNamedProjectsForTheOperatorsForgeAlone(string who, string api, string git,
        string? token)
    {
        var rules = new ForgeRules([], ["acme/web"], ForgeRules.GitHub, () => "lent");
        var tenancy = new Tenancy(who.Split('/')[0], who.Split('/')[1]);
        Assert.Equal(token, rules.HostToken(tenancy,
            new ForgeProfile(new Uri(api), new Uri(git), "o", "n", null)));
        Assert.Null(ForgeRules.None.HostToken(tenancy,
            new ForgeProfile(ForgeRules.GitHub, new Uri("https://github.com/"), "o", "n", null)));
    }

    [Fact]
    public async Task GitsEnvironment_HoldsTheTokenForOneRepositoryAlone()
    {
        var forge = new ForgeProfile(new Uri("http://127.0.0.1:9/api/"), new Uri("http://127.0.0.1:9/"), "o",
            "n", "s");
        var environment = await ForgeGit.EnvironmentAsync(forge, Token, Rules("127.0.0.1:9"), default);
        var keys = environment.Where(e => e.Key.StartsWith("GIT_CONFIG_KEY_", StringComparison.Ordinal))
            .Select(e => e.Value).ToList();
        Assert.Equal(["http.http://127.0.0.1:9/o/n.git.extraHeader", "http.followRedirects", "http.proxy",
            "http.sslVerify", "credential.helper", "core.askPass"], keys);
        Assert.Equal("http", environment["GIT_ALLOW_PROTOCOL"]);
        Assert.Equal($"{keys.Count}", environment["GIT_CONFIG_COUNT"]);
        await Assert.ThrowsAsync<AegisException>(async () =>
            await ForgeGit.EnvironmentAsync(forge, Token, ForgeRules.None, default));
    }

    private static ForgeRequest Request(string method) => new(method, "/repos/o/n/pulls",
        method == "GET" ? null : JsonSerializer.SerializeToElement(new { title = "t" }));

    private static ForgeRules Rules(string host) =>
        new([host], [], ForgeRules.GitHub, () => null) { Time = new InstantTime() };

    private static async Task<ForgeReply> SendAsync(LoopbackServer server, string method,
        ForgeRules? rules = null) =>
        await new RemoteForge(new ForgeProfile(server.Url(), server.Url(), "o", "n", "s"), Token,
            rules ?? Rules(server.Entry)).SendAsync(Request(method), default);

    private static async Task<string?> OutcomeAsync(LoopbackServer server, string method,
        ForgeRules? rules = null)
    {
        try
        {
            await SendAsync(server, method, rules);
            return null;
        }
        catch (AegisException e)
        {
            Assert.DoesNotContain(Token, e.ToString(), StringComparison.Ordinal);
            return e.Error.Code;
        }
    }

    private static async Task<string> FailAsync(LoopbackServer server, string method) =>
        await OutcomeAsync(server, method) ?? "no error";

    /// <summary>A clock that stands at a second, and on which every wait is over at once.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime,
            TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
