using System.Collections.Immutable;

namespace Aegis.Ledger.Forge;

/// <summary>A word on a commit at the local forge; the newest of a context counts.</summary>
public sealed record CommitStatus(long Id, string Sha, string Context, string State, string? Description,
    string? TargetUrl, string CreatedBy, DateTimeOffset CreatedAt);

/// <summary>A check run of a commit at the local forge.</summary>
/// <param name="Annotations">How many it has.</param>
public sealed record CheckRun(long Id, string Sha, string Name, string Status, string? Conclusion,
    string ExternalId, string? DetailsUrl, string? Title, string? Summary, string? Text, int Annotations,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);

/// <summary>Which check runs of a commit to list; null for any.</summary>
/// <param name="All">Not only the newest of each name.</param>
public sealed record CheckFilter(string? Name, string? Status, bool All);

/// <param name="Total">Of all pages.</param>
public sealed record CheckPage(ImmutableArray<CheckRun> Checks, int Total);
