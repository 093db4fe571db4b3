using Aegis.Gate.Http;

namespace Aegis.Gate.Tests.Http;

public sealed class RequestHeadersTests
{
    [Theory]
    [InlineData("Accept", "text/html, */*;q=0.8", true)]
    [InlineData("X-Token", "", true)]
    [InlineData("host", "other", false)]
    [InlineData("TRANSFER-ENCODING", "chunked", false)]
    [InlineData("content-length", "1", false)]
    [InlineData("Proxy-Authorization", "x", false)]
    [InlineData("Upgrade", "h2c", false)]
    [InlineData("X-A", "a\r\nHost: b", false)]
    [InlineData("X-A", "a\nb", false)]
    [InlineData("X-A", "é", false)]
    [InlineData("X A", "a", false)]
    [InlineData("X-A:", "a", false)]
    [InlineData("", "a", false)]
    public void Check_OneHeader(string name, string value, bool ok) =>
        Assert.Equal(ok ? null : "AEGIS2163", RequestHeaders.Check([new HttpField(name, value)])?.Code);

    [Fact]
    public void Check_CountAndLengthAtTheLimitAndPast()
    {
        var value = new string('x', RequestHeaders.ValueBytesMax);
        Assert.Null(RequestHeaders.Check([new HttpField("X", value)]));
        Assert.NotNull(RequestHeaders.Check([new HttpField("X", value + "x")]));
        var many = Enumerable.Range(0, RequestHeaders.CountMax).Select(n => new HttpField($"X-{n}", ""))
            .ToList();
        Assert.Null(RequestHeaders.Check(many));
        Assert.NotNull(RequestHeaders.Check([.. many, new HttpField("Y", "")]));
    }

    [Theory]
    [InlineData("POST", 302, "/b", "GET", "http://a.example/b", null)]
    [InlineData("POST", 307, "/b", "POST", "http://a.example/b", null)]
    [InlineData("PUT", 302, "/b", "PUT", "http://a.example/b", null)]
    [InlineData("PUT", 303, "/b", "GET", "http://a.example/b", null)]
    [InlineData("HEAD", 303, "/b", "HEAD", "http://a.example/b", null)]
    [InlineData("GET", 301, "https://b.example/", "GET", "https://b.example/", null)]
    [InlineData("GET", 301, "file:///etc/passwd", null, null, "AEGIS2167")]
    [InlineData("GET", 301, "http://u:p@b.example/", null, null, "AEGIS2167")]
    [InlineData("GET", 301, null, null, null, "AEGIS2167")]
    public void Redirect_ToTheNextRequest(string method, int status, string? location, string? next,
        string? url, string? code)
    {
        var call = new HttpCall(method, new Uri("http://a.example/a"), [new("Content-Type", "a/b")],
            "x"u8.ToArray(), TimeSpan.FromSeconds(1));
        var (follows, error) = RedirectStep.From(call, status,
            location is null ? null : new Uri(location, UriKind.RelativeOrAbsolute));
        Assert.Equal((next, url, code), (follows?.Method, follows?.Url.AbsoluteUri, error?.Code));
        if (next == "GET" && method != "GET")
        {
            Assert.True(follows!.Body.IsEmpty && follows.Headers.IsEmpty);
        }
    }

    [Fact]
    public void Redirect_FromHttpsToHttp_IsRefused() => Assert.Equal("AEGIS2167", RedirectStep.From(
        new HttpCall("GET", new Uri("https://a.example/"), [], default, TimeSpan.FromSeconds(1)), 302,
        new Uri("http://a.example/")).Error?.Code);
}
