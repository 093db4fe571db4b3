using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Deployments;

/// <summary>The deployments of a node, for the tool that makes them and the doors that steer
/// them.</summary>
public sealed class DeploymentDesk : IDeployments, IAsyncDisposable
{
    private readonly DeploymentParts parts;
    private readonly ReleaseShelf shelf;
    private readonly DeploymentPorts ports = new();
    private readonly ConcurrentDictionary<(Tenancy, string), Deployment> all = new();
    private readonly SemaphoreSlim making = new(1);

    private DeploymentDesk(DeploymentParts parts)
    {
        this.parts = parts;
        shelf = new ReleaseShelf(parts.Root, parts.Sandbox);
    }

    /// <summary>Brings back what the ledger says is wanted; that goes on beside what follows.</summary>
    public static async Task<DeploymentDesk> StartAsync(DeploymentParts parts, CancellationToken cancel)
    {
        var desk = new DeploymentDesk(parts);
        foreach (var (keys, tenancy, name) in await parts.Table.OfHomeAsync(cancel))
        {
            if (await parts.Table.FindAsync(keys, name, cancel) is not { } row)
            {
                continue;
            }
            var deployment = desk.Add(keys, tenancy, row);
            try
            {
                await deployment.RecoverAsync(cancel);
            }
            catch (AegisException e)
            {
                // one that cannot come back is no reason for the others not to
                EngineLog.DeploymentBroke(parts.Log, name, e);
            }
        }
        return desk;
    }

    public async ValueTask<ServedRelease> DeployAsync(
        DeployOrder order, Action<string> said, CancellationToken cancel) =>
        await (await FindOrMakeAsync(order.By.Tenancy, order.Name, cancel)).DeployAsync(order, said, cancel);

    public async ValueTask<ServedRelease?> FindAsync(
        Principal by, string name, string callId, CancellationToken cancel)
    {
        var keys = await KeysAsync(by.Tenancy, cancel);
        if (await parts.Table.FindAsync(keys, name, cancel) is not { Release: { } id, Port: { } port } row
            || (await parts.Table.ReleasesAsync(keys, name, cancel)).FirstOrDefault(r => r.Id == id)
                is not { } release || release.CallId != callId)
        {
            return null;
        }
        return new ServedRelease(name, id, row.Before, new Uri($"http://127.0.0.1:{port}"), 0);
    }

    public async ValueTask MayPublishAsync(
        Principal by, string name, string target, CancellationToken cancel)
    {
        var keys = await KeysAsync(by.Tenancy, cancel);
        if (await parts.Table.FindAsync(keys, name, cancel) is { } there)
        {
            if (there.Target != target)
            {
                throw DeploymentErrors.OtherTarget(name, there.Target);
            }
            return;
        }
        await CheckCountAsync(keys, cancel);
    }

    public async ValueTask PublishedAsync(
        Principal by, PublishedRelease release, string callId, CancellationToken cancel)
    {
        var row = new DeploymentRow(release.Name, parts.Table.HomeId, null, DeploymentRow.Running,
            DeploymentRow.Healthy, release.Release, release.Before, null, 0, parts.Time.GetUtcNow())
        {
            Target = release.Target, Url = release.Url,
        };
        if (!await parts.Table.WriteAsync(await KeysAsync(by.Tenancy, cancel), row, null,
            [new DeploymentPublished(DeploymentTable.NewFactId(), release.Name, release.Target,
                release.Release, release.Before, release.Url, by.Actor, callId)], cancel))
        {
            throw DeploymentErrors.OtherTarget(release.Name, "another");
        }
        parts.FactWaits();
    }

    public async ValueTask RollBackAsync(
        Tenancy tenancy, string name, string? to, string actor, CancellationToken cancel) =>
        await (await MineAsync(tenancy, name, cancel)).RollBackAsync(to, actor, cancel);

    public async ValueTask StopAsync(Tenancy tenancy, string name, string actor, CancellationToken cancel) =>
        await (await MineAsync(tenancy, name, cancel)).StopAsync(actor, cancel);

    public async ValueTask StartAsync(Tenancy tenancy, string name, string actor, CancellationToken cancel) =>
        await (await MineAsync(tenancy, name, cancel)).StartAsync(actor, cancel);

    /// <summary>The end of what its programs wrote; null where it is not on this node.</summary>
    public string? Log(Tenancy tenancy, string name, int bytesMax) =>
        all.TryGetValue((tenancy, name), out var found) ? found.Log.Tail(bytesMax) : null;

    /// <summary>Its services and whether each is well; none where it is not on this node.</summary>
    public IReadOnlyList<(string Service, bool Well)> Health(Tenancy tenancy, string name) =>
        all.TryGetValue((tenancy, name), out var found) ? found.Health : [];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(all.Values.Select(d => d.DisposeAsync().AsTask()));
        making.Dispose();
    }

    private async ValueTask<Deployment> FindOrMakeAsync(
        Tenancy tenancy, string name, CancellationToken cancel)
    {
        if (all.TryGetValue((tenancy, name), out var found))
        {
            return found;
        }
        await making.WaitAsync(cancel);
        try
        {
            if (all.TryGetValue((tenancy, name), out found))
            {
                return found;
            }
            var keys = await KeysAsync(tenancy, cancel);
            if (await parts.Table.FindAsync(keys, name, cancel) is { } others)
            {
                return Mine(others) ? Add(keys, tenancy, others) : throw DeploymentErrors.Elsewhere(name);
            }
            await CheckCountAsync(keys, cancel);
            return Add(keys, tenancy, new DeploymentRow(name, parts.Table.HomeId, null,
                DeploymentRow.Stopped, DeploymentRow.Starting, null, null, null, 0,
                parts.Time.GetUtcNow()));
        }
        finally
        {
            making.Release();
        }
    }

    private async ValueTask<Deployment> MineAsync(Tenancy tenancy, string name, CancellationToken cancel) =>
        all.TryGetValue((tenancy, name), out var found) ? found
            : await parts.Table.FindAsync(await KeysAsync(tenancy, cancel), name, cancel) is not { } there
                ? throw DeploymentErrors.NoVersion(name, null)
            : Mine(there) ? throw DeploymentErrors.NoVersion(name, null)
                : throw DeploymentErrors.Elsewhere(name);

    /// <summary>Whether this server runs it. Throws for what no server runs.</summary>
    private bool Mine(DeploymentRow row) => row.Target == DeploymentRow.Process
        ? row.HomeId == parts.Table.HomeId : throw DeploymentErrors.OtherTarget(row.Name, row.Target);

    private async ValueTask CheckCountAsync(TenancyKeys keys, CancellationToken cancel)
    {
        if ((await parts.Table.ListAsync(keys, null, DeploymentLimits.PerProjectMax, cancel)).Count
            >= DeploymentLimits.PerProjectMax)
        {
            throw DeploymentErrors.TooMany();
        }
    }

    private Deployment Add(TenancyKeys keys, Tenancy tenancy, DeploymentRow row)
    {
        if (row.Port is { } port)
        {
            ports.Keep(port);
        }
        return all[(tenancy, row.Name)] = new Deployment(
            parts, shelf, new DeploymentAddress(ports, parts.Fronts), keys, tenancy, row);
    }

    private async ValueTask<TenancyKeys> KeysAsync(Tenancy tenancy, CancellationToken cancel) =>
        await parts.Tenants.ResolveAsync(tenancy, cancel)
        ?? throw new AegisException(new AegisError("AEGIS5025", $"there is no project {tenancy}"));
}
