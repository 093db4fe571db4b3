namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>By name.</summary>
    public Task<Listing<Deployment>> ListDeploymentsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/deployments", ClientJson.Default.ListingDeployment, cancel);

    public Task<Deployment> GetDeploymentAsync(string name, CancellationToken cancel = default) =>
        GetAsync($"v1/deployments/{Escape(name)}", ClientJson.Default.Deployment, cancel);

    /// <summary>Leads its address back to a version; returns when that is served.</summary>
    /// <param name="release">The one before where null.</param>
    public Task<Deployment> RollBackDeploymentAsync(
        string name, string? release = null, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/deployments/{Escape(name)}:rollback",
            Body(new RollBackDeployment(release), ClientJson.Default.RollBackDeployment),
            ClientJson.Default.Deployment, cancel, TimeSpan.FromMinutes(10));

    /// <summary>Ends its programs and closes its address.</summary>
    public Task<Deployment> StopDeploymentAsync(string name, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/deployments/{Escape(name)}:stop", null,
            ClientJson.Default.Deployment, cancel, TimeSpan.FromMinutes(2));

    /// <summary>Starts the version that was served last; returns when it is well.</summary>
    public Task<Deployment> StartDeploymentAsync(string name, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/deployments/{Escape(name)}:start", null,
            ClientJson.Default.Deployment, cancel, TimeSpan.FromMinutes(10));

    /// <summary>The end of what its programs wrote.</summary>
    public async Task<string> GetDeploymentLogAsync(
        string name, int? bytes = null, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Get,
            $"v1/deployments/{Escape(name)}/log{(bytes is null ? "" : $"?bytes={bytes}")}", null, null,
            cancel);
        await RequireOkAsync(reply, cancel);
        return await reply.Content.ReadAsStringAsync(cancel);
    }
}

public sealed record RollBackDeployment(string? Release);

/// <summary>A deployment of the target process.</summary>
/// <param name="Url">Where it answers, on the server's own machine.</param>
/// <param name="Wanted">running or stopped.</param>
/// <param name="Status">starting, healthy, unhealthy, crash_loop, stopped or failed.</param>
/// <param name="Release">What its address leads to.</param>
/// <param name="Before">What a rollback goes back to.</param>
/// <param name="Here">It runs on the server that answered.</param>
public sealed record Deployment(string Name, string? Url, string Wanted, string Status, string? Release,
    string? Before, string? Error, int Restarts, bool Here, DateTimeOffset UpdatedAt)
{
    /// <summary>process, static, terraform or pulumi.</summary>
    public string Target { get; init; } = "process";

    public IReadOnlyList<DeployedRoute>? Services { get; init; }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<DeployedVersion>? Versions { get; init; }
}

public sealed record DeployedRoute(string Name, string Route, bool Static, bool Well);

/// <param name="Verdict">starting, served or rolled_back.</param>
public sealed record DeployedVersion(
    string Release, string Tree, string Verdict, string Actor, DateTimeOffset DeployedAt);
