using Aegis.Gate;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.Tenants;
using Aegis.Sandbox;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Deployments;

/// <summary>What deployments of the target process work with.</summary>
/// <param name="Root">Below it each project has a folder.</param>
/// <param name="Secret">A secret of a project, by a recorded use.</param>
/// <param name="HostSecrets">Values that must show in no log.</param>
/// <param name="FactWaits">Told when a fact waits to be moved into its stream.</param>
public sealed record DeploymentParts(string Root, SandboxRunner Sandbox, DeploymentTable Table,
    TenantDirectory Tenants, IDeploymentFronts Fronts,
    Func<SecretAsk, CancellationToken, ValueTask<string?>> Secret, IReadOnlyList<string> HostSecrets,
    Action FactWaits, TimeProvider Time, ILogger Log);

/// <summary>Opens addresses on which deployments answer.</summary>
public interface IDeploymentFronts
{
    /// <summary>Null where the port is somebody else's.</summary>
    ValueTask<IAsyncDisposable?> OpenAsync(int port, DeploymentRoutes routes, CancellationToken cancel);
}
