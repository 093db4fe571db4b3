using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate.Buckets;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Gate.Tests.Buckets;

/// <summary>How a bucket is reached: by which host, signed for what, and only as far as the policy
/// goes.</summary>
public sealed class BucketTests
{
    private static readonly BucketPlace Virtual =
        new(new Uri("http://s3.amazonaws.com"), "eu-central-1", "site", PathStyle: false);

    private static readonly BucketSecrets Keys = new(S3Server.Key, S3Server.Key, "session-of-mine");

    [Fact]
    public async Task VirtualHost_IsDialledAndSpokenTo()
    {
        await using var store = await S3Server.StartAsync();
        using var bucket = new Bucket(Virtual, Keys, Way(store.Port, "site.s3.amazonaws.com"));
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes("hello"));
        await bucket.PutAsync("a/ñ b+c.txt", bytes, new ObjectHeaders("text/plain", "no-cache"), default);
        var listed = Assert.Single(await bucket.ListAsync("a/", 10, default));
        Assert.Equal(("a/ñ b+c.txt", 5L), (listed.Key, listed.Value.Bytes));
        Assert.Equal("hello", Encoding.UTF8.GetString((await bucket.ReadAsync("a/ñ b+c.txt", 5, default))!));
        Assert.Null(await bucket.ReadAsync("a/none", 5, default));
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            bucket.ReadAsync("a/ñ b+c.txt", 4, default));
        Assert.Equal("AEGIS2677", error.Error.Code);
        Assert.StartsWith("PUT /a/", store.Asked()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_IsSignedForTheRegion_WithoutTheKeyItself()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
        using var bucket = new Bucket(new BucketPlace(server.Url(), "eu-central-1", "site", PathStyle: true),
            new BucketSecrets("AKIDEXAMPLE", "wJalrXUtnFEMI-K7MDENG", "session-of-mine"),
            new BucketWay([server.Entry], null, EgressDial.BySystem));
        Assert.Empty(await bucket.ListAsync("", 10, default));
        var (head, _) = Assert.Single(server.Asked);
        Assert.StartsWith("GET /site/?list-type=2", head, StringComparison.Ordinal);
        Assert.Matches(@"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-central-1/s3/"
            + "aws4_request, SignedHeaders=[^ ]+, Signature=[0-9a-f]{64}", head);
        Assert.Contains("session-of-mine", head, StringComparison.Ordinal);
        Assert.DoesNotContain("wJalrXUtnFEMI", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other.s3.amazonaws.com", null, "AEGIS2161")]
    [InlineData("site.s3.amazonaws.com", "elsewhere.example", "AEGIS3113")]
    public async Task Host_OutsideOfThePolicy_IsNeverDialled(string allow, string? ceiling, string code)
    {
        var dialled = false;
        var way = new BucketWay([allow], ceiling is null ? null : [ceiling],
            new EgressDial((_, _) => Task.FromResult(new[] { IPAddress.Parse("93.184.216.34") }), (_, _) =>
            {
                dialled = true;
                throw new SocketException();
            }));
        using var bucket = new Bucket(Virtual, Keys, way);
        var error = await Assert.ThrowsAsync<AegisException>(() => bucket.ListAsync("", 10, default));
        Assert.Equal((code, false), (error.Error.Code, dialled));
    }

    // the name stands for an address of the open internet, and the connection goes to the store of the test
    private static BucketWay Way(int port, string allow) => new([allow], null, new EgressDial(
        (_, _) => Task.FromResult(new[] { IPAddress.Parse("93.184.216.34") }), async (_, cancel) =>
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            return client.GetStream();
        }));
}
