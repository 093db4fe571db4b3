using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Engine.Deployments;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Ledger.Deployments;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests.Deployments;

/// <summary>Bounds of deployments at the limit and one past it.</summary>
public sealed class DeploymentLimitTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Project_HasUpToTheLimit_AndThoseThatItHasGoOn()
    {
        var tenancy = new Tenancy("acme", "many");
        await ledger.CreateProjectAsync(tenancy);
        var by = new Principal("key:a", tenancy, []);
        await using var desk = await OpenAsync();
        for (var i = 0; i < DeploymentLimits.PerProjectMax; i++)
        {
            await desk.MayPublishAsync(by, $"site{i}", "static", default);
            await desk.PublishedAsync(by, Release($"site{i}", "static", null), "run_1.a.1.1", default);
        }
        var error = await Assert.ThrowsAsync<AegisException>(async () =>
            await desk.MayPublishAsync(by, "more", "static", default));
        Assert.Equal("AEGIS2661", error.Error.Code);
        await desk.MayPublishAsync(by, "site0", "static", default);
        await desk.PublishedAsync(by, Release("site0", "static", "rel_1"), "run_2.a.1.1", default);
        var other = await Assert.ThrowsAsync<AegisException>(async () =>
            await desk.MayPublishAsync(by, "site0", "terraform", default));
        Assert.Equal("AEGIS2678", other.Error.Code);
        var steered = await Assert.ThrowsAsync<AegisException>(async () =>
            await desk.StopAsync(tenancy, "site0", "key:a", default));
        Assert.Equal("AEGIS2678", steered.Error.Code);
        // a server that starts again has nothing to start of what others run
        await using var again = await OpenAsync();
        Assert.Empty(again.Health(tenancy, "site0"));
    }

    [Fact]
    public async Task Ports_AreGivenUpToTheLimit()
    {
        var ports = new DeploymentPorts();
        for (var i = 0; i < DeploymentLimits.PortsMax - 1; i++)
        {
            ports.Keep(DeploymentLimits.PortFirst + i);
        }
        var last = DeploymentLimits.PortFirst + DeploymentLimits.PortsMax - 1;
        Assert.Equal([last], ports.Candidates(null));
        var address = new DeploymentAddress(ports, new Fronts());
        Assert.Equal(last, await address.OpenAsync(null, default));
        var error = await Assert.ThrowsAsync<AegisException>(() =>
            new DeploymentAddress(ports, new Fronts()).OpenAsync(null, default));
        Assert.Equal("AEGIS2665", error.Error.Code);
        // its own is its own
        Assert.Equal(7, await new DeploymentAddress(ports, new Fronts()).OpenAsync(7, default));
    }

    private static PublishedRelease Release(string name, string target, string? before) =>
        new(name, target, "rel_1", before, "https://site.example");

    private Task<DeploymentDesk> OpenAsync() => DeploymentDesk.StartAsync(new DeploymentParts(
        ledger.Home, null!, new DeploymentTable(ledger.Database), ledger.Tenants, new Fronts(),
        (_, _) => throw new NotSupportedException("nothing here has secrets"), [], () => { },
        TimeProvider.System, NullLogger.Instance), default);

    private sealed class Fronts : IDeploymentFronts, IAsyncDisposable
    {
        public ValueTask<IAsyncDisposable?> OpenAsync(
            int port, DeploymentRoutes routes, CancellationToken cancel) =>
            ValueTask.FromResult<IAsyncDisposable?>(this);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
