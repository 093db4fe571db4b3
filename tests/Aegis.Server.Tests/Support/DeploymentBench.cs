using Aegis.Core;
using Aegis.Engine.Deployments;
using Aegis.Gate;
using Aegis.Ledger.Deployments;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Server.Deployments;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Server.Tests.Support;

/// <summary>The product's own desk of deployments on a test's ledger, with one real deployment of two
/// versions.</summary>
public sealed class DeploymentBench : IAsyncDisposable
{
    public const string Name = "site";

    private readonly SandboxRunner sandbox;

    private DeploymentBench(SandboxRunner sandbox, DeploymentDesk desk) =>
        (this.sandbox, Desk) = (sandbox, desk);

    public DeploymentDesk Desk { get; }

    public static async Task<DeploymentBench> OpenAsync(
        LedgerFixture ledger, Tenancy tenancy, ProcessLauncher launcher)
    {
        var sandbox = await SandboxRunner.CreateAsync(new SandboxOptions(), launcher, CancellationToken.None);
        var desk = await DeploymentDesk.StartAsync(new DeploymentParts(
            Directory.CreateDirectory(Path.Combine(ledger.Home, "deployments")).FullName, sandbox,
            new DeploymentTable(ledger.Database), ledger.Tenants,
            new DeploymentFronts(NullLoggerFactory.Instance),
            (_, _) => throw new NotSupportedException("a folder has no secrets"), [], () => { },
            TimeProvider.System, NullLogger.Instance), CancellationToken.None);
        foreach (var page in new[] { "first", "second" })
        {
            await ServedFolder.DeployAsync(desk, new Principal("key:a", tenancy, []), Name, page);
        }
        return new DeploymentBench(sandbox, desk);
    }

    public async ValueTask DisposeAsync()
    {
        await Desk.DisposeAsync();
        await sandbox.DisposeAsync();
    }
}
