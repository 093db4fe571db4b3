namespace Aegis.Core.Runs.Events;

/// <summary>A version of a deployment is being started; in the stream <c>deployment/NAME</c>, as are all of
/// these.</summary>
/// <param name="Tree">SHA-256 of the sealed tree.</param>
/// <param name="CallId">The call that deployed it; null for one that a person asked for, or a start
/// again.</param>
/// <param name="Why"><c>deploy</c>, <c>rollback</c>, <c>start</c> or <c>recovery</c>.</param>
public sealed record DeploymentStarted(string FactId, string Name, string Release, string Tree, string Actor,
    string Why, string? CallId) : RunEvent;

/// <summary>Every service of it has answered its health check.</summary>
/// <param name="AfterMs">Since it was started.</param>
public sealed record DeploymentHealthy(string FactId, string Name, string Release, long AfterMs) : RunEvent;

/// <summary>The address leads to it from now on.</summary>
/// <param name="Before">What it led to; null for nothing.</param>
public sealed record DeploymentSwitched(
    string FactId, string Name, string Release, string? Before, int Port) : RunEvent;

/// <summary>It is served by others than this server from now on: a bucket, a cloud.</summary>
/// <param name="Target"><c>static</c>, <c>terraform</c> or <c>pulumi</c>.</param>
/// <param name="Before">What was shown until then; null for nothing.</param>
/// <param name="Url">Where it answers; null where that is nobody's to say.</param>
public sealed record DeploymentPublished(string FactId, string Name, string Target, string Release,
    string? Before, string? Url, string Actor, string CallId) : RunEvent;

/// <summary>A version was given up.</summary>
/// <param name="To">What is served in its place; null for nothing.</param>
/// <param name="Why"><c>unhealthy</c>, <c>crash_loop</c> or <c>asked</c>.</param>
public sealed record DeploymentRolledBack(string FactId, string Name, string Release, string? To, string Why,
    string? Error, string Actor) : RunEvent;

/// <summary>Nothing of it runs any more, because somebody wanted that.</summary>
public sealed record DeploymentStopped(
    string FactId, string Name, string? Release, string Actor) : RunEvent;

/// <summary>A program of it died by itself, or no longer answered its health check.</summary>
/// <param name="Code">Its exit code, 128 + signal; null where it was ended for not answering.</param>
/// <param name="Deaths">Within the last two minutes.</param>
public sealed record DeploymentCrashed(string FactId, string Name, string Release, string Service, int? Code,
    int Deaths, long AgainInMs) : RunEvent;
