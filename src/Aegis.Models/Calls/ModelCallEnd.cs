using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;

namespace Aegis.Models.Calls;

/// <summary>How a call ended.</summary>
/// <param name="Use">For the record; null where it was refused before anything was chosen.</param>
/// <param name="Body">A whole answer in the client's protocol; empty where it was streamed, or
/// failed.</param>
/// <param name="Failure">Why there is no whole answer: what a client of the protocol is told.</param>
/// <param name="Error">The same in the product's words.</param>
public sealed record ModelCallEnd(ModelUse? Use, ReadOnlyMemory<byte> Body, WireFailure? Failure = null,
    AegisError? Error = null)
{
    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether the client's stream has begun, so that it was told there.</summary>
    public bool HasBegun { get; init; }

    /// <summary>When it may be tried again, where a provider or a limit says.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
