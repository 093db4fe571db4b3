using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Aegis.Core.Runs;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>A real sandbox with a proxy; every name stands for loopback.</summary>
internal sealed class ProxiedSandbox : IAsyncDisposable
{
    private readonly SandboxRunner runner;
    private readonly IProxiedFixture fixture;

    private ProxiedSandbox(SandboxRunner runner, IProxiedFixture fixture) =>
        (this.runner, this.fixture) = (runner, fixture);

    /// <param name="privateHosts">What an administrator would name.</param>
    public static Task<ProxiedSandbox> OpenAsync(IProxiedFixture fixture, params string[] privateHosts) =>
        OpenAsync(fixture, null, privateHosts);

    /// <param name="roots">Whom the proxy itself trusts; null for the system's.</param>
    public static async Task<ProxiedSandbox> OpenAsync(IProxiedFixture fixture,
        X509Certificate2Collection? roots, string[] privateHosts) =>
        new(await SandboxRunner.CreateAsync(fixture.Options with
        {
            Egress = new EgressOptions
            {
                PrivateHosts = [.. privateHosts],
                Dial = new EgressDial((_, _) => Task.FromResult(new[] { IPAddress.Loopback })),
                TrustedRoots = roots,
            },
        }, fixture.Launcher), fixture);

    public Task<(Ran Ran, ImmutableArray<EgressFact> Facts)> RunAsync(string[] allow,
        params string[] argv) => RunAsync(new ProxyNetwork([.. allow], new EgressLimits()), argv);

    public Task<(Ran Ran, ImmutableArray<EgressFact> Facts)> RunAsync(ProxyNetwork? network,
        params string[] argv)
    {
        var command = fixture.Proxied(argv);
        return RunAsync(command with
        {
            Network = network,
            Limits = command.Limits with
            {
                TmpBytesMax = 64L << 20,
                WorkspaceBytesMax = 64L << 20,
                ProcessesMax = 256,
            },
        });
    }

    /// <param name="stdin">Written as it comes.</param>
    public async Task<(Ran Ran, ImmutableArray<EgressFact> Facts)> RunAsync(SandboxSpec spec,
        Stream? stdin = null)
    {
        var facts = ImmutableArray<EgressFact>.Empty;
        var ran = await SandboxFixture.RunAsync(runner, spec,
            SandboxIo.None with { OnEgress = asked => facts = asked, StdinStream = stdin });
        return (ran, facts);
    }

    public ValueTask DisposeAsync() => runner.DisposeAsync();
}
