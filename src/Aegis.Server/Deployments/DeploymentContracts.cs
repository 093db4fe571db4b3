using Aegis.Core.Deployments;
using Aegis.Ledger.Deployments;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Deployments;

public sealed record RollBackRequest : DoorRequest
{
    /// <summary>The version to go back to; the one before where left out.</summary>
    [Chars(1, 64)]
    public string? Release { get; init; }
}

/// <summary>A deployment.</summary>
/// <param name="Url">Where it answers: on the server's own machine for the target process; null before it
/// ever did.</param>
/// <param name="Wanted">What it is to be.</param>
/// <param name="Release">The version that the address leads to.</param>
/// <param name="Error">What went wrong last, until it is well again.</param>
/// <param name="Here">It runs on the server that answers, or on none.</param>
public sealed record DeploymentAnswer(string Name, string? Url,
    [property: OneOf("running stopped")] string Wanted,
    [property: OneOf("starting healthy unhealthy crash_loop stopped failed")] string Status, string? Release,
    string? Before, string? Error, int Restarts, bool Here, DateTimeOffset UpdatedAt)
{
    /// <summary>What serves it.</summary>
    [OneOf("process static terraform pulumi")]
    public string Target { get; init; } = DeploymentRow.Process;

    /// <summary>Of the version that is served, on the server that runs it.</summary>
    public IReadOnlyList<DeployedServiceAnswer>? Services { get; init; }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<DeployedVersionAnswer>? Versions { get; init; }

    public static DeploymentAnswer Of(DeploymentRow row, string home) => new(row.Name,
        row.Port is { } port ? $"http://127.0.0.1:{port}" : row.Url, row.Wanted, row.Status, row.Release,
        row.Before, row.Error, row.Restarts,
        row.Target != DeploymentRow.Process || row.HomeId == home, row.UpdatedAt) { Target = row.Target };
}

/// <param name="Static">Its files are served; no program runs.</param>
public sealed record DeployedServiceAnswer(string Name, string Route, bool Static, bool Well);

/// <param name="Verdict">Whether it came to be served.</param>
/// <param name="Tree">SHA-256 of its files.</param>
public sealed record DeployedVersionAnswer(string Release, string Tree,
    [property: OneOf("starting served rolled_back")] string Verdict, string Actor, DateTimeOffset DeployedAt)
{
    public static DeployedVersionAnswer Of(ReleaseRow row) =>
        new(row.Id, row.Spec.Tree, row.Verdict, row.Actor, row.DeployedAt);
}
