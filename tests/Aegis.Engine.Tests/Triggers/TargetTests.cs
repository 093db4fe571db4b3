using System.Net;
using Aegis.Engine.Webhooks;

namespace Aegis.Engine.Tests.Triggers;

public sealed class TargetTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.0", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("192.0.0.8", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2002:c0a8:101::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void Address_IsPublic(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://example.com/hook", null)]
    [InlineData("https://example.com:8443/hook?a=1", null)]
    [InlineData("http://intern.lan:8080/hook", null)]
    [InlineData("http://intern.lan:8081/hook", "AEGIS5041")]
    [InlineData("http://example.com/hook", "AEGIS5041")]
    [InlineData("https://user:pass@example.com/", "AEGIS5041")]
    [InlineData("https://example.com/#part", "AEGIS5041")]
    [InlineData("ftp://example.com/", "AEGIS5041")]
    [InlineData("example.com", "AEGIS5041")]
    [InlineData("https://127.0.0.1/", "AEGIS5042")]
    [InlineData("https://[::1]/", "AEGIS5042")]
    [InlineData("https://0x7f.1/", "AEGIS5042")]
    [InlineData("https://2130706433/", "AEGIS5042")]
    public void Check_JudgesWhatTheTextShows(string url, string? code) =>
        Assert.Equal(code, new WebhookTargets(["intern.lan:8080"]).Check(url)?.Code);

    [Theory]
    [InlineData(2048, null)]
    [InlineData(2049, "AEGIS5041")]
    public void Url_IsTakenUpTo2048Characters(int length, string? code) => Assert.Equal(code,
        new WebhookTargets([]).Check("https://example.com/".PadRight(length, 'a'))?.Code);
}
