using System.Collections.Immutable;

namespace Aegis.Core.Discovery;

/// <summary>A server of models that may run on this machine, and by which answers it is told.</summary>
/// <param name="Signs">All must hold.</param>
/// <param name="Version">Null where it says none.</param>
/// <param name="OpenAiPath">Where it speaks OpenAI's protocol.</param>
/// <param name="Docs">The page whose shapes these are.</param>
/// <param name="Read">The day on which it was read.</param>
public sealed record KnownModelServer(string Name, int Port, ImmutableArray<AnswerSign> Signs,
    AnswerMember? Version, ModelListing Models, string OpenAiPath, Uri Docs, DateOnly Read);

/// <summary>An answer that only this server gives.</summary>
/// <param name="List">The list whose first item has the member; null where the answer itself has it.</param>
/// <param name="Is">The text that stands there; null where any will do.</param>
public sealed record AnswerSign(string Path, string? List, string Member, string? Is);

/// <summary>A member of an answer.</summary>
public sealed record AnswerMember(string Path, string Member);

/// <summary>Where a server lists its models.</summary>
/// <param name="Bytes">The member with a model's size; null where none is told.</param>
public sealed record ModelListing(string Path, string List, string Name, string? Bytes);
