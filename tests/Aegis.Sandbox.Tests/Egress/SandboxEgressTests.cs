using System.Net;
using System.Net.Sockets;
using Aegis.Core.Errors;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>What is before a command with a proxy is started. What it can do then is tried on each kind, in
/// <see cref="KindEgressTests"/>.</summary>
[Collection("sandbox")]
public sealed class SandboxEgressTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task HandOver_ThatFails_StartsNoCommand()
    {
        // on the host's own network the port can be taken
        var runner = await sandbox.WithoutAsync("network");
        using var taken = new TcpListener(IPAddress.Loopback, ProxyNetwork.Port);
        taken.Start();
        var spec = SandboxFixture.Spec("sh", "-c", "echo begun; echo begun >&2");
        var error = await Assert.ThrowsAsync<AegisException>(() => SandboxFixture.RunAsync(runner,
            spec with { Network = new ProxyNetwork(["a.example"], new EgressLimits()) }));
        Assert.Equal("AEGIS3112", error.Error.Code);
        Assert.Contains("bind: Address already in use", error.Error.Got, StringComparison.Ordinal);
        Assert.DoesNotContain("begun", error.Error.Got, StringComparison.Ordinal);
        // the control: the same where nobody has the port
        Assert.Equal("begun", (await SandboxFixture.RunAsync(runner, spec)).Stdout);
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        Assert.Equal(0, (await proxied.RunAsync(["a.example"], "true")).Ran.Exit);
    }

    [Fact]
    public async Task Entries_AtTheLimitAndPast()
    {
        await using var proxied = await ProxiedSandbox.OpenAsync(sandbox);
        var entries = Enumerable.Range(0, ProxyNetwork.EntriesMax).Select(i => $"h{i}.example").ToArray();
        Assert.Equal(0, (await proxied.RunAsync(entries, "true")).Ran.Exit);
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            proxied.RunAsync([.. entries, "one.more"], "true"));
        Assert.Equal("AEGIS3006", error.Error.Code);
    }
}
