using System.Collections.Immutable;

namespace Aegis.Gate;

/// <summary>A request to a host that the run's egress_allow names.</summary>
/// <param name="Headers">None of <see cref="Http.RequestHeaders.Refused"/>.</param>
/// <param name="Timeout">For the whole of it, redirects and body included.</param>
public sealed record HttpCall(string Method, Uri Url, ImmutableArray<HttpField> Headers,
    ReadOnlyMemory<byte> Body, TimeSpan Timeout);

/// <summary>A header as it is written or was read.</summary>
public sealed record HttpField(string Name, string Value);

/// <summary>What came back, already redacted.</summary>
/// <param name="Url">Where the answer came from, after redirects.</param>
public sealed record HttpReply(int Status, Uri Url, int Redirects, ImmutableArray<HttpField> Headers,
    ReadOnlyMemory<byte> Body);
