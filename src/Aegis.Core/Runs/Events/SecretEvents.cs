using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

// What happens to secrets, in streams of their own: secret/NAME, and secret-keys for the keys that seal them.
// No member ever holds a value. FactId tells a fact that was moved twice after a crash from another like it.

/// <summary>A secret got a value.</summary>
/// <param name="KeyVersion">The tenant's data key that sealed it.</param>
/// <param name="PreviousUntil">Until when the version before is valid beside it; null: no more.</param>
public sealed record SecretStored(string FactId, string Name, int Version, string Fingerprint, int KeyVersion,
    string Actor, DateTimeOffset? PreviousUntil) : RunEvent;

/// <summary>A secret may be sent to these hosts and no other; none: wherever a step names it.</summary>
public sealed record SecretBound(string FactId, string Name, ImmutableArray<string> Hosts, string Actor)
    : RunEvent;

/// <summary>A secret is gone, with all its versions.</summary>
public sealed record SecretDeleted(string FactId, string Name, int Version, string Actor) : RunEvent;

/// <summary>A value left the vault; committed before it did.</summary>
/// <param name="Purpose">What for: a tool's name, webhook, hook.</param>
/// <param name="Host">Where it was to be sent, where that is known.</param>
public sealed record SecretUsed(string FactId, string Name, int Version, string Fingerprint, string Actor,
    string Purpose, string? Host, string? RunId, string? StepId) : RunEvent;

/// <summary>The tenant has a new data key, and what was sealed with those before is sealed with it.</summary>
public sealed record DataKeyRotated(string FactId, int KeyVersion, int Resealed, string Actor) : RunEvent;

/// <summary>The tenant's data keys are wrapped by another master key.</summary>
/// <param name="Generation">Its number, from 1.</param>
public sealed record MasterKeyRotated(string FactId, int Generation, string Actor) : RunEvent;
