using System.Collections.Immutable;

namespace Aegis.Tools.Http;

/// <summary>What both tools ask for.</summary>
/// <param name="SecretHeaders">Headers whose values hold secrets; they are read at the last
/// moment.</param>
/// <param name="BodyType">The body's media type, unless Headers name one.</param>
internal sealed record HttpOrder(string Method, string Url,
    ImmutableSortedDictionary<string, string>? Headers,
    ImmutableSortedDictionary<string, SecretHeader>? SecretHeaders, ReadOnlyMemory<byte> Body,
    string? BodyType, string? SaveAs, TimeSpan? Timeout, bool FailOnStatus);
