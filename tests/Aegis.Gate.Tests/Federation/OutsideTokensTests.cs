using System.Net;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate.Federation.OAuth;
using Aegis.Gate.Tests.Admission;

namespace Aegis.Gate.Tests.Federation;

/// <summary>Edges of what an authorization server may say, and of the tokens that are kept.</summary>
public sealed class OutsideTokensTests
{
    private static readonly IssuerMetadata Issuer =
        new("https://login.example", new Uri("https://login.example/token"), false);

    [Theory]
    [InlineData(3_600, 3_570)]
    [InlineData(30, 0)]
    [InlineData(86_400, 86_370)]
    // a day at most, whatever its issuer says
    [InlineData(86_401, 86_370)]
    public void Token_IsFound_UntilShortlyBeforeItsEnd(int life, int found)
    {
        var time = new StandingClock();
        var tokens = new OutsideTokens(time);
        tokens.Keep(Key(0), "t", TimeSpan.FromSeconds(life));
        time.Move(TimeSpan.FromSeconds(Math.Max(0, found - 1)));
        Assert.Equal(found > 0 ? "t" : null, tokens.Find(Key(0)));
        time.Move(TimeSpan.FromSeconds(1));
        Assert.Null(tokens.Find(Key(0)));
    }

    [Fact]
    public void Tokens_PastWhatIsKept_AreGotAnew()
    {
        var tokens = new OutsideTokens(new StandingClock());
        for (var i = 0; i < OutsideTokens.KeptMax; i++)
        {
            tokens.Keep(Key(i), "t", TimeSpan.FromHours(1));
        }
        Assert.Equal("t", tokens.Find(Key(0)));
        tokens.Keep(Key(OutsideTokens.KeptMax), "t", TimeSpan.FromHours(1));
        Assert.Null(tokens.Find(Key(0)));
        Assert.Equal("t", tokens.Find(Key(OutsideTokens.KeptMax)));
    }

    [Theory]
    [InlineData(IssuerMetadata.TokenCharsMax, null)]
    [InlineData(IssuerMetadata.TokenCharsMax + 1, "AEGIS6230")]
    [InlineData(0, "AEGIS6230")]
    public async Task Token_Bounds(int chars, string? code) => Assert.Equal(code, await GrantAsync(
        $$"""{"access_token":"{{new string('a', chars)}}","token_type":"Bearer"}"""));

    [Fact]
    public async Task Answer_Bounds()
    {
        const string said = """{"access_token":"a","token_type":"Bearer"}""";
        var room = OAuthDiscovery.DocumentBytesMax - said.Length;
        Assert.Null(await GrantAsync(said + new string(' ', room)));
        await Assert.ThrowsAsync<HttpRequestException>(() => GrantAsync(said + new string(' ', room + 1)));
    }

    [Theory]
    [InlineData("""{"access_token":"a","token_type":"DPoP"}""")]
    [InlineData("""{"access_token":"a"}""")]
    [InlineData("""{"access_token":"a","access_token":"b","token_type":"Bearer"}""")]
    [InlineData("""["a"]""")]
    [InlineData("")]
    public async Task Answer_ThatIsNone_IsRefused(string said) =>
        Assert.Equal("AEGIS6230", await GrantAsync(said));

    [Theory]
    [InlineData("Bearer realm=\"x\", resource_metadata=\"https://a.example/m\", scope=\"a b\"",
        "https://a.example/m", "a b")]
    [InlineData("bearer scope=a", null, "a")]
    [InlineData("Bearer", null, null)]
    [InlineData("Basic realm=\"x\"", null, null)]
    public void Challenge_IsRead(string header, string? metadata, string? scope)
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        answer.Headers.TryAddWithoutValidation("WWW-Authenticate", header);
        Assert.Equal(new OAuthChallenge(metadata, scope), OAuthChallenge.Of(answer));
    }

    private static TokenKey Key(int number) => new(new Tenancy("acme", "web"),
        new Uri("https://mcp.example/"), new Uri("https://login.example/"), null, $"{number}");

    private static async Task<string?> GrantAsync(string said)
    {
        try
        {
            await Issuer.GrantAsync("s", "id", "secret", "https://mcp.example/", null, (_, _) =>
                Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent(said, Encoding.UTF8, "application/json"),
                }), CancellationToken.None);
            return null;
        }
        catch (AegisException e)
        {
            return e.Error.Code;
        }
    }
}
