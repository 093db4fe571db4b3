using Aegis.Core.Catalogue;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Caching;

/// <summary>A whole answer that may be given again.</summary>
/// <param name="Body">As the client got it, or would have got it in one piece.</param>
/// <param name="Protocol">Of the body.</param>
/// <param name="Tokens">What the provider counted, for what a call that is answered with it saves.</param>
public sealed record CachedAnswer(ReadOnlyMemory<byte> Body, ModelProtocol Protocol, ModelTokens Tokens);

/// <param name="Tenancy">Where it is kept: the project's own, or the tenant's common one.</param>
/// <param name="Lifetime">From when it is stored, by the ledger's clock.</param>
public sealed record AnswerToKeep(Tenancy Tenancy, AnswerKey Key, CachedAnswer Answer, TimeSpan Lifetime);

/// <param name="Left">Until it is too old.</param>
public readonly record struct StoredAnswer(CachedAnswer Answer, TimeSpan Left);

/// <param name="Heads">See <see cref="AnswerKey.Head"/>.</param>
/// <param name="Last">To ask from the next time.</param>
public readonly record struct AnswerNews(IReadOnlyList<ulong> Heads, long Last);
