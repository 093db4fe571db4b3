namespace Aegis.Discovery.Store;

/// <summary>A model that a search found.</summary>
/// <param name="Task">What it is for, as the hub says it.</param>
/// <param name="IsGated">A token of somebody who was let in is needed.</param>
public sealed record HubModel(string Repository, string? Task, long Downloads, long Likes, bool IsGated,
    DateTimeOffset? ChangedAt);
