using System.Net;
using Aegis.Server.Addresses;
using Aegis.Server.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Aegis.Server.Tests.Chat;

/// <summary>So many messages of an address, before anybody asks who it is.</summary>
public sealed class AddressLimitTests
{
    private static readonly IPAddress One = IPAddress.Parse("203.0.113.7");

    [Fact]
    public void AnAddress_AtItsBound_AndPast_AndAMinuteLater()
    {
        var time = new ManualTime();
        var limits = new AddressLimits(5, time);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, limits.Enter(One));
            time.Turn(TimeSpan.FromSeconds(2));
        }
        Assert.Equal(TimeSpan.FromSeconds(50), limits.Enter(One));
        Assert.Equal(TimeSpan.Zero, limits.Enter(IPAddress.Parse("203.0.113.8")));
        // who waits as long as he was told gets in, and what was refused counted for nothing
        time.Turn(TimeSpan.FromSeconds(50));
        Assert.Equal(TimeSpan.Zero, limits.Enter(One));
        Assert.Equal(TimeSpan.FromSeconds(2), limits.Enter(One));
    }

    [Fact]
    public void ANetworkOfIPv6_IsOneAddress()
    {
        var limits = new AddressLimits(1, new ManualTime());
        Assert.Equal(TimeSpan.Zero, limits.Enter(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.NotEqual(TimeSpan.Zero, limits.Enter(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(TimeSpan.Zero, limits.Enter(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal(TimeSpan.Zero, limits.Enter(One));
        Assert.NotEqual(TimeSpan.Zero, limits.Enter(One.MapToIPv6()));
    }

    [Fact]
    public void Addresses_AtTheirBound_AndPast()
    {
        var time = new ManualTime();
        var limits = new AddressLimits(1, time);
        for (var i = 0; i < AddressLimits.AddressesMax; i++)
        {
            limits.Enter(new IPAddress(0x0A000000 + i));
        }
        Assert.NotEqual(TimeSpan.Zero, limits.Enter(One));
        time.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, limits.Enter(One));
    }

    [Theory]
    [InlineData("203.0.113.7", "", "1.2.3.4", "203.0.113.7")]
    [InlineData("10.0.0.1", "10.0.0.0/8", "1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "10.0.0.0/8", "6.6.6.6, 1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "10.0.0.0/8", "1.2.3.4, 10.0.0.2", "1.2.3.4")]
    [InlineData("10.0.0.1", "10.0.0.0/8", "1.2.3.4, nonsense", "10.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.0/8", "[2001:db8::1]", "2001:db8::1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.0/8", "1.2.3.4", "1.2.3.4")]
    public void AForwardedAddress_Counts_AsFarAsProxiesAreTrusted(
        string from, string trusted, string forwarded, string address)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(from);
        http.Request.Headers["X-Forwarded-For"] = forwarded;
        Assert.Equal(IPAddress.Parse(address),
            RequestAddress.Of(http, trusted.Length == 0 ? [] : [IPNetwork.Parse(trusted)]));
    }

    [Fact]
    public async Task TheChat_Refuses_BeforeIdentity_AndOtherDoorsDoNot()
    {
        var room = new RealServer { Options = o => o with { ChatPerMinute = 5 } };
        await room.InitializeAsync();
        try
        {
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await room.SendAsync(
                    "POST", i % 2 == 0 ? "/v1/chat" : "/mcp/chat", "{}", "aegis_key_wrong")).Status);
            }
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat", UriKind.Relative))
            {
                Content = new StringContent("{}"),
            };
            // whoever writes this himself is no proxy
            request.Headers.Add("X-Forwarded-For", "198.51.100.1");
            using var reply = await room.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.TooManyRequests, reply.StatusCode);
            Assert.InRange(reply.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal(HttpStatusCode.OK, (await room.SendAsync("GET", "/v1/chat/sessions")).Status);
        }
        finally
        {
            await room.DisposeAsync();
        }
    }
}
