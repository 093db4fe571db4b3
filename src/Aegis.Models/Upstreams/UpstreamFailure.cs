using Aegis.Core.Errors;
using Aegis.Models.Protocols;

namespace Aegis.Models.Upstreams;

/// <summary>Why a provider gave no answer, as far as it matters for what to do next.</summary>
public enum UpstreamFailureKind
{
    /// <summary>It refused the call itself; another provider would be likely to as well.</summary>
    Refused,

    /// <summary>The conversation is longer than the model takes.</summary>
    TooLong,
    KeyRefused,

    /// <summary>It has no such model, or none at this address.</summary>
    NotFound,
    RateLimited,

    /// <summary>It is out of order or has too much to do.</summary>
    Overloaded,
    TimedOut,
    Unreachable,

    /// <summary>Its address is said to be local and is not; the host in Why.</summary>
    NotLocal,

    /// <summary>No provider may be at its address; the host in Why.</summary>
    Barred,

    /// <summary>What it sent is no answer of its protocol.</summary>
    Malformed,

    /// <summary>It broke off within its answer.</summary>
    Cut,
}

/// <param name="Status">Of HTTP; 0 where none came.</param>
/// <param name="RetryAfter">What the provider asks to wait.</param>
/// <param name="Said">The provider's own error.</param>
public sealed record UpstreamFailure(UpstreamFailureKind Kind, string Why, int Status = 0,
    TimeSpan? RetryAfter = null, WireFailure? Said = null)
{
    /// <summary>The product's own error, where no provider was asked: a request that was not
    /// rehearsed.</summary>
    public AegisError? Own { get; init; }

    public AegisException ToException(string provider, TimeSpan waited) => Kind switch
    {
        _ when Own is { } own => new(own),
        UpstreamFailureKind.KeyRefused => ModelErrors.KeyRefused(provider, Status),
        UpstreamFailureKind.RateLimited or UpstreamFailureKind.Overloaded =>
            ModelErrors.Busy(provider, Status),
        UpstreamFailureKind.TimedOut => ModelErrors.TimedOut(provider, waited),
        UpstreamFailureKind.NotLocal => ModelErrors.NotLocal(provider, Why),
        UpstreamFailureKind.Barred => ModelErrors.Barred(provider, Why),
        UpstreamFailureKind.Unreachable => ModelErrors.Unreachable(provider, Why),
        UpstreamFailureKind.Malformed => ModelErrors.BadReply(provider, Why),
        UpstreamFailureKind.Cut => ModelErrors.Cut(provider),
        _ => ModelErrors.Refused(provider, Status, Said?.Message ?? Why),
    };

    internal static UpstreamFailureKind KindOf(WireFailure said, int status) => said.Kind switch
    {
        WireFailureKind.KeyRefused or WireFailureKind.Forbidden => UpstreamFailureKind.KeyRefused,
        WireFailureKind.NotFound => UpstreamFailureKind.NotFound,
        WireFailureKind.RateLimited => UpstreamFailureKind.RateLimited,
        WireFailureKind.TimedOut => UpstreamFailureKind.TimedOut,
        WireFailureKind.TooLarge => UpstreamFailureKind.TooLong,
        WireFailureKind.Broken or WireFailureKind.Overloaded => UpstreamFailureKind.Overloaded,
        _ when status is < 400 => UpstreamFailureKind.Malformed,
        _ => said.Code is "context_length_exceeded" ? UpstreamFailureKind.TooLong
            : UpstreamFailureKind.Refused,
    };
}
