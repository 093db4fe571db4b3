using Aegis.Core.Deployments;

namespace Aegis.Gate.Deployments;

/// <summary>A version that a call wants served.</summary>
/// <param name="Archive">The tree as a tar on this host, in the call's scratch folder.</param>
/// <param name="Kept">Versions that stay to go back to.</param>
public sealed record DeployOrder(
    Principal By, string Name, string CallId, ReleaseSpec Release, string Archive, int Kept);

/// <summary>A version that is served.</summary>
/// <param name="Before">What was served before; null for nothing.</param>
/// <param name="Url">Where the deployment answers, whichever version that is.</param>
public sealed record ServedRelease(string Name, string Release, string? Before, Uri Url, long HealthyMs);

/// <summary>What others than this server run since a call.</summary>
/// <param name="Target"><c>static</c>, <c>terraform</c> or <c>pulumi</c>.</param>
/// <param name="Before">What it was until then; null for nothing.</param>
public sealed record PublishedRelease(
    string Name, string Target, string Release, string? Before, string? Url);

/// <summary>Where the target process runs what it is given.</summary>
public interface IDeployments
{
    /// <summary>Returns once the version is served. Throws <see cref="Core.Errors.AegisException"/> where it
    /// is not well, and what was served before is served still.</summary>
    /// <param name="said">Told how it goes.</param>
    ValueTask<ServedRelease> DeployAsync(DeployOrder order, Action<string> said, CancellationToken cancel);

    /// <summary>What a call has brought to be served, or null.</summary>
    ValueTask<ServedRelease?> FindAsync(
        Principal by, string name, string callId, CancellationToken cancel);

    /// <summary>Throws <see cref="Core.Errors.AegisException"/> where the name is another target's, or the
    /// project has too many.</summary>
    ValueTask MayPublishAsync(Principal by, string name, string target, CancellationToken cancel);

    ValueTask PublishedAsync(
        Principal by, PublishedRelease release, string callId, CancellationToken cancel);
}
