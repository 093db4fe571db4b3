using System.Collections.Immutable;

namespace Aegis.Tools.Http;

/// <summary>What both tools ask for.</summary>
/// <param name="BodyType">The body's media type, unless Headers name one.</param>
internal sealed record HttpOrder(string Method, string Url,
    ImmutableSortedDictionary<string, string>? Headers, ReadOnlyMemory<byte> Body, string? BodyType,
    string? SaveAs, TimeSpan? Timeout, bool FailOnStatus);
