using System.Net;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Upstreams;

/// <summary>Where no call goes, whatever a profile names.</summary>
public sealed class UpstreamDialTests
{
    [Theory]
    [InlineData("169.254.169.254", true)]
    [InlineData("169.254.0.1", true)]
    [InlineData("::ffff:169.254.169.254", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("100.100.100.200", true)]
    [InlineData("168.63.129.16", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("192.168.1.2", false)]
    [InlineData("8.8.8.8", false)]
    public void Address_OfAMachinesOwnKeys_IsBarred(string address, bool isBarred) =>
        Assert.Equal(isBarred, UpstreamDial.IsBarred(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://169.254.169.254/latest", true)]
    [InlineData("http://0x7f.0.0.1.invalid/", false)]
    [InlineData("http://[::ffff:a9fe:a9fe]/", true)]
    [InlineData("http://2852039166/", true)] // the same address as one number
    [InlineData("http://0.0.0.0/v1", false)] // not even looked up
    public async Task Call_ToSuchAnAddress_IsNotSent(string address, bool isBarred)
    {
        using var client = new UpstreamClient(new() { ConnectTimeout = TimeSpan.FromSeconds(5) });
        using var answer = await client.SendAsync(
            Target(new Uri(address)), UpstreamPath.Chat, default, default);
        Assert.Equal(isBarred ? UpstreamFailureKind.Barred : UpstreamFailureKind.Unreachable,
            answer.Failure!.Kind);
        await using var fake = await FakeProvider.StartAsync();
        using var reached = await client.SendAsync(Target(fake.Url), UpstreamPath.Chat, default, default);
        Assert.NotEmpty(fake.Requests);
    }

    private static UpstreamTarget Target(Uri address) =>
        new("p", address, WireProtocol.OpenAi, UpstreamAuth.Bearer("sk-secret-1"), "m");
}
