using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aegis.Core.Policy;
using Aegis.Sandbox.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Egress;

public sealed class EgressSecretTests
{
    private const string Host = "api.example";
    private const string Placeholder = "AEGIS_SECRET_0123456789abcdef";
    private const string Value = "s3cr3t/+ value";

    [Fact]
    public async Task Placeholder_ToItsBoundHost_IsSwappedAndGoesOutOverTls()
    {
        await using var server = new TlsServer(Host);
        await using var rig = Rig(server, Secrets());
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Placeholder}"));
        var answer = await rig.GetAsync($"http://{Host}:{server.Port}/{Placeholder}?key={Placeholder}",
            $"X-Key: {Placeholder}\r\nAuthorization: Basic {basic}\r\nAccept-Encoding: gzip\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        // a path is judged by rules and stays as it is; a packed answer could not be searched
        Assert.Equal($"GET /{Placeholder}?key=s3cr3t%2F%2B%20value HTTP/1.1\r\nHost: {Host}:{server.Port}\r\n"
            + $"X-Key: {Value}\r\nAuthorization: Basic "
            + Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Value}"))
            + "\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n", Assert.Single(server.Heads));
    }

    [Fact]
    public async Task Answer_ThatSendsAValueBack_ComesWithAsterisks()
    {
        await using var server = new TlsServer(Host);
        await using var rig = Rig(server, Secrets());
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Placeholder}"));
        // the server answers with what it was asked
        var answer = await rig.GetAsync($"http://{Host}:{server.Port}/?key={Placeholder}",
            $"X-Key: {Placeholder}\r\nAuthorization: Basic {basic}\r\n");
        var arrived = Assert.Single(server.Heads);
        foreach (var form in new[] { Value, Uri.EscapeDataString(Value),
            Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Value}")) })
        {
            Assert.Contains(form, arrived, StringComparison.Ordinal);
            Assert.DoesNotContain(form, answer, StringComparison.Ordinal);
        }
        Assert.Contains($"X-Key: {new string('*', Value.Length)}\r\n", answer, StringComparison.Ordinal);
        // and in the answer to a later request that named no secret
        var later = await rig.GetAsync($"http://{Host}:{server.Port}/{Uri.EscapeDataString(Value)}");
        Assert.Contains($"GET /{new string('*', Uri.EscapeDataString(Value).Length)} HTTP/1.1\r\n", later,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Mask_CoversAValue_HoweverItIsCut(int size)
    {
        var mask = new EchoMask([new BoundSecret(Placeholder, "top\"secret")], ["dXNlcjp0b3A="]);
        var text = "a top top\"secret b top\\\"secret c top%22secret d top\\u0022secret dXNlcjp0b3A= "
            + "top\"secre";
        var covered = new StringBuilder();
        foreach (var piece in Encoding.ASCII.GetBytes(text).Chunk(size))
        {
            covered.Append(Encoding.ASCII.GetString(mask.Next(piece).Span));
        }
        covered.Append(Encoding.ASCII.GetString(mask.Rest().Span));
        Assert.Equal("a top ********** b *********** c ************ d *************** ************ "
            + "top\"secre", covered.ToString());
        Assert.Equal($"/next?k={Placeholder}", mask.InHeader("/next?k=top%22secret"));
    }

    [Fact]
    public void Mask_ValuesAtTheLimitAndBelow()
    {
        Assert.False(new EchoMask([new BoundSecret(Placeholder, new string('a', EchoMask.ValueCharsMin))], [])
            .IsEmpty);
        Assert.True(new EchoMask(
            [new BoundSecret(Placeholder, new string('a', EchoMask.ValueCharsMin - 1))], []).IsEmpty);
    }

    [Fact]
    public async Task Placeholder_ToAnotherHost_StaysAPlaceholder_AndOpensNothing()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok());
        var secrets = Secrets();
        await using var rig = new ProxyRig([$"evil.example:{server.Port}"],
            names: _ => [IPAddress.Loopback], secrets: secrets);
        await rig.GetAsync($"http://evil.example:{server.Port}/?a={Placeholder}", $"X: {Placeholder}\r\n");
        var head = Assert.Single(server.Asked).Head;
        Assert.Contains($"/?a={Placeholder} ", head, StringComparison.Ordinal);
        Assert.Contains($"X: {Placeholder}\r\n", head, StringComparison.Ordinal);
        Assert.Empty(secrets.Opened);
    }

    [Fact]
    public async Task Secret_IsOpenedOnce_AndOnlyByARequestThatIsAllowedAndNamesIt()
    {
        await using var server = new TlsServer(Host);
        var secrets = Secrets();
        var place = $"{Host}:{server.Port}";
        await using var rig = new ProxyRig([$"GET {place}"], [place], names: _ => [IPAddress.Loopback],
            secrets: secrets, roots: [server.Authority]);
        Assert.StartsWith("HTTP/1.1 403 ", await rig.GetAsync($"http://{place}/", $"X: {Placeholder}\r\n",
            "PUT"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await rig.GetAsync($"http://{place}/"), StringComparison.Ordinal);
        Assert.Empty(secrets.Opened);
        await rig.GetAsync($"http://{place}/", $"X: {Placeholder}\r\n");
        await rig.GetAsync($"http://{place}/", $"X: {Placeholder}\r\n");
        Assert.Equal([new EgressTarget(Host, server.Port)], secrets.Opened);
    }

    [Fact]
    public async Task Placeholder_ToABoundHostThatIsNotTrusted_NeverLeaves()
    {
        await using var server = new TlsServer(Host);
        await using var other = new TlsServer(Host);
        await using var rig = new ProxyRig([$"{Host}:{server.Port}"], names: _ => [IPAddress.Loopback],
            secrets: Secrets(), roots: [other.Authority]);
        var answer = await rig.GetAsync($"http://{Host}:{server.Port}/", $"X: {Placeholder}\r\n");
        Assert.StartsWith("HTTP/1.1 502 AEGIS3106 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, answer, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Heads, head => head.Length > 0);
    }

    [Fact]
    public async Task Port80_OfABoundHost_IsJudgedAndReachedAs443()
    {
        await using var rig = new ProxyRig([$"{Host}:80"], names: _ => [IPAddress.Loopback],
            secrets: Secrets());
        Assert.StartsWith("HTTP/1.1 403 AEGIS2161 ", await rig.GetAsync($"http://{Host}/"),
            StringComparison.Ordinal);
        await rig.Proxy.DisposeAsync();
        Assert.Equal(443, Assert.Single(rig.Proxy.Facts).Port);
    }

    [Theory]
    [InlineData("a\r\nX-Evil: 1", 0)]
    [InlineData("", BoundSecret.ValueCharsMax + 1)]
    public async Task Value_ThatCannotStandInAHeader_IsNotSent(string start, int length)
    {
        await using var server = new TlsServer(Host);
        await using var rig = Rig(server,
            new FixedSecrets(Host, new BoundSecret(Placeholder, start.PadRight(length, 'a'))));
        Assert.StartsWith("HTTP/1.1 502 AEGIS3111 ",
            await rig.GetAsync($"http://{Host}:{server.Port}/", $"X: {Placeholder}\r\n"),
            StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
        // the control: a value of the longest length that can
        await using var whole = Rig(server, new FixedSecrets(Host,
            new BoundSecret(Placeholder, new string('a', BoundSecret.ValueCharsMax))));
        await whole.GetAsync($"http://{Host}:{server.Port}/", $"X: {Placeholder}\r\n");
        Assert.Contains(new string('a', BoundSecret.ValueCharsMax), Assert.Single(server.Heads),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcde", false)]
    [InlineData("0123456789 abcdef", false)]
    public void Placeholder_TooShortOrWithOtherCharacters_IsABug(string placeholder, bool ok)
    {
        var made = Record.Exception(() => new BoundSecret(placeholder, Value));
        Assert.Equal(ok, made is null);
        Assert.Equal("0123456789abcdef", new BoundSecret("0123456789abcdef", Value).ToString());
    }

    private static FixedSecrets Secrets() => new(Host, new BoundSecret(Placeholder, Value));

    private static ProxyRig Rig(TlsServer server, IEgressSecrets secrets) => new(
        [$"{Host}:{server.Port}"], names: _ => [IPAddress.Loopback], secrets: secrets,
        roots: new X509Certificate2Collection(server.Authority));
}
