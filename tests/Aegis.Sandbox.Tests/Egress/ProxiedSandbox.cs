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

    private ProxiedSandbox(SandboxRunner runner) => this.runner = runner;

    /// <param name="privateHosts">What an administrator would name.</param>
    public static Task<ProxiedSandbox> OpenAsync(SandboxFixture fixture, params string[] privateHosts) =>
        OpenAsync(fixture, null, privateHosts);

    /// <param name="roots">Whom the proxy itself trusts; null for the system's.</param>
    public static async Task<ProxiedSandbox> OpenAsync(SandboxFixture fixture,
        X509Certificate2Collection? roots, string[] privateHosts) =>
        new(await SandboxRunner.CreateAsync(new SandboxOptions
        {
            Egress = new EgressOptions
            {
                PrivateHosts = [.. privateHosts],
                Dial = new EgressDial((_, _) => Task.FromResult(new[] { IPAddress.Loopback })),
                TrustedRoots = roots,
            },
        }, fixture.Launcher));

    public Task<(Ran Ran, ImmutableArray<EgressFact> Facts)> RunAsync(string[] allow,
        params string[] argv) => RunAsync(new ProxyNetwork([.. allow], new EgressLimits()), argv);

    public async Task<(Ran Ran, ImmutableArray<EgressFact> Facts)> RunAsync(ProxyNetwork network,
        params string[] argv)
    {
        var facts = ImmutableArray<EgressFact>.Empty;
        var spec = SandboxFixture.Spec(argv) with
        {
            Network = network,
            Limits = SandboxFixture.Limits with
            {
                TmpBytesMax = 64L << 20,
                WorkspaceBytesMax = 64L << 20,
                ProcessesMax = 256,
            },
        };
        var ran = await SandboxFixture.RunAsync(runner, spec,
            SandboxIo.None with { OnEgress = asked => facts = asked });
        return (ran, facts);
    }

    public ValueTask DisposeAsync() => runner.DisposeAsync();
}
