using System.Net;
using Aegis.Core.Policy;

namespace Aegis.Core.Tests.Policy;

public sealed class EgressRuleTests
{
    [Theory]
    [InlineData("example.com", true)]
    [InlineData("*.example.com:8443", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.1:65535", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("127.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("example.0x1", false)]
    [InlineData("010.0.0.1", false)]
    [InlineData("1.2.3.256", false)]
    [InlineData("*.0.0.1", false)]
    [InlineData("[::1]:80", false)]
    [InlineData("host:0", false)]
    [InlineData("host:65536", false)]
    [InlineData("Example.com", false)]
    [InlineData("example.com.", false)]
    [InlineData("*", false)]
    [InlineData("a.*.com", false)]
    [InlineData("https://a", false)]
    [InlineData("a/b", true)]
    [InlineData("a/b/*", true)]
    [InlineData("GET a", true)]
    [InlineData("GET,HEAD *.a:80/b", true)]
    [InlineData("get a", false)]
    [InlineData("GET  a", false)]
    [InlineData("GET, HEAD a", false)]
    [InlineData("a/b/../c", false)]
    [InlineData("a/b//c", false)]
    [InlineData("a/%2e/c", false)]
    [InlineData("a/b?c", false)]
    [InlineData("a/*/b", false)]
    [InlineData("a\n", false)]
    [InlineData("", false)]
    public void Parse_TakesHostsAndPlainAddresses(string text, bool ok) =>
        Assert.Equal(ok, EgressRule.Parse(text) is not null);

    [Fact]
    public void Parse_HostAtTheLimitAndPast()
    {
        var label = new string('a', 61) + ".";
        var atLimit = string.Concat(Enumerable.Repeat(label, 4)) + "bbbbb";
        Assert.Equal(EgressRule.HostLengthMax, atLimit.Length);
        Assert.NotNull(EgressRule.Parse(atLimit));
        Assert.Null(EgressRule.Parse(atLimit + "b"));
    }

    [Theory]
    [InlineData("example.com", "https://example.com/a", true)]
    [InlineData("example.com", "http://EXAMPLE.com/", true)]
    [InlineData("example.com", "https://example.com:8443/", false)]
    [InlineData("example.com:8443", "https://example.com:8443/", true)]
    [InlineData("example.com:8443", "https://example.com/", false)]
    [InlineData("example.com", "https://www.example.com/", false)]
    [InlineData("*.example.com", "https://www.example.com/", true)]
    [InlineData("*.example.com", "https://a.b.example.com/", true)]
    [InlineData("*.example.com", "https://example.com/", false)]
    [InlineData("*.example.com", "https://badexample.com/", false)]
    [InlineData("example.com", "https://example.com.evil.org/", false)]
    [InlineData("example.com", "https://example.com./", false)]
    [InlineData("127.0.0.1:80", "http://2130706433/", true)]
    [InlineData("127.0.0.1:80", "http://[::ffff:127.0.0.1]/", false)]
    [InlineData("xn--bcher-kva.example", "https://bücher.example/", true)]
    public void Decide_ComparesHostAndPort(string entry, string url, bool allowed)
    {
        var decision = EgressPolicy.Decide([entry], EgressTarget.Of(new Uri(url)));
        Assert.Equal(allowed, decision.Rule is not null);
        Assert.Equal(allowed ? null : "AEGIS2161", decision.Error?.Code);
    }

    [Theory]
    [InlineData("GET example.com", "GET", true)]
    [InlineData("GET example.com", "POST", false)]
    [InlineData("example.com/a/*", "GET", true)]
    [InlineData("example.com/a", "GET", false)]
    [InlineData("example.com/b/*", "GET", false)]
    public void Decide_MethodAndPath_OnlyWhereTheyCanBeSeen(string entry, string method, bool allowed)
    {
        var url = new Uri("https://example.com/a/b?c");
        Assert.Equal(allowed, EgressPolicy.Decide([entry], EgressTarget.Of(url, method)).Rule is not null);
        // a tunnel shows neither
        var tunnel = new EgressTarget("example.com", 443, "CONNECT");
        Assert.Null(EgressPolicy.Decide([entry], tunnel).Rule);
        Assert.NotNull(EgressPolicy.Decide(["example.com"], tunnel).Rule);
        Assert.NotNull(EgressPolicy.Decide(["CONNECT example.com"], tunnel).Rule);
    }

    [Fact]
    public void Parse_PathAtTheLimitAndPast()
    {
        var atLimit = "a/" + new string('x', EgressRule.PathLengthMax - 1);
        Assert.NotNull(EgressRule.Parse(atLimit));
        Assert.Null(EgressRule.Parse(atLimit + "x"));
    }

    [Fact]
    public void Decide_NothingAllowed_IsDenied()
    {
        var target = new EgressTarget("example.com", 443);
        Assert.Equal("egress_allow is empty", EgressPolicy.Decide([], target).Error!.Got);
        var many = EgressPolicy.Decide(["a", "b", "no entry", "c", "d", "e"], target).Error!;
        Assert.Equal(("AEGIS2161", "a, b, no entry, c, d, …"), (many.Code, many.Got));
        Assert.Contains("\"example.com\"", many.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_AnEntryWithAPort_GoesBeforeOneWithout() => Assert.Equal("10.0.0.5:80",
        EgressPolicy.Decide(["10.0.0.5", "10.0.0.5:80"], new EgressTarget("10.0.0.5", 80)).Rule!.Text);

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.0", false)]
    [InlineData("172.32.0.0", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("127.8.9.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("2001:db8::1", false)]
    public void PublicAddress_IsOnlyWhatTheInternetRoutes(string address, bool isPublic)
    {
        Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));
        Assert.Equal(isPublic, EgressRule.Parse("example.com")!.Permits(IPAddress.Parse(address), 443));
    }

    [Theory]
    [InlineData("127.0.0.1:4000", 4000, true)]
    [InlineData("127.0.0.1:4000", 4001, false)]
    [InlineData("127.0.0.1", 80, false)]
    [InlineData("127.0.0.2:4000", 4000, false)]
    [InlineData("localhost:4000", 4000, false)]
    public void Permits_ASpecialAddress_OnlyByItsOwnEntryWithPort(string entry, int port, bool permitted) =>
        Assert.Equal(permitted, EgressRule.Parse(entry)!.Permits(IPAddress.Loopback, port));

    [Theory]
    [InlineData("https://a.example/x?y#z", true)]
    [InlineData("ftp://a.example/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/relative", false)]
    [InlineData("https://user:pass@a.example/", false)]
    [InlineData("https://user@a.example/", false)]
    [InlineData("", false)]
    public void ReadUrl_TakesHttpWithoutCredentials(string text, bool ok)
    {
        var (url, error) = EgressTarget.ReadUrl(text);
        Assert.Equal((ok, ok ? null : "AEGIS2160"), (url is not null, error?.Code));
        Assert.DoesNotContain("pass", $"{error}".Replace("password", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ReadUrl_AtTheLimitAndPast()
    {
        var atLimit = "https://a.example/" + new string('x', EgressTarget.UrlLengthMax - 18);
        Assert.NotNull(EgressTarget.ReadUrl(atLimit).Url);
        Assert.Null(EgressTarget.ReadUrl(atLimit + "x").Url);
    }
}
