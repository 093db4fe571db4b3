using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Failures;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>Failures of providers in the words of the router, of clients and of the product.</summary>
internal static class CallFailures
{
    public static CallFailureKind KindOf(UpstreamFailure failure) => failure.Kind switch
    {
        UpstreamFailureKind.TimedOut => CallFailureKind.TimedOut,
        UpstreamFailureKind.Unreachable or UpstreamFailureKind.NotLocal or UpstreamFailureKind.Barred =>
            CallFailureKind.NotConnected,
        UpstreamFailureKind.Malformed => CallFailureKind.BadAnswer,
        UpstreamFailureKind.Cut => CallFailureKind.ConnectionLost,
        _ => CallFailure.KindOf(failure.Status, failure.Said?.Code),
    };

    /// <summary>Of a stream that did not come to its end.</summary>
    public static UpstreamFailure Of(RelayEnd end) => end.Outcome switch
    {
        RelayOutcome.Cut => new(UpstreamFailureKind.Cut, "it broke off within its answer"),
        RelayOutcome.TimedOut => new(UpstreamFailureKind.TimedOut, "it fell silent within its answer"),
        RelayOutcome.Failed => new(end.Failure is { Kind: WireFailureKind.RateLimited }
            ? UpstreamFailureKind.RateLimited : UpstreamFailureKind.Overloaded,
            "it reported an error within its answer", Status: end.Failure?.Status is > 0 and var status
                ? status : 500, Said: end.Failure),
        _ => new(UpstreamFailureKind.Malformed, end.Wrong ?? "it said something else than before"),
    };

    /// <summary>Why a model's breaker lets nobody in.</summary>
    public static AegisError Closed(ModelRoute route, BreakerEntry entry) => (entry.State.Cause switch
    {
        BreakerCause.Gone => ModelErrors.Gone(route.Provider, route.Model),
        BreakerCause.Asked => ModelErrors.Asked(route.Provider, route.Model, entry.RetryAt),
        _ => ModelErrors.Resting(route.Provider, route.Model, entry.RetryAt),
    }).Error;

    /// <summary>The kind as the record has it, such as <c>rate_limited</c>.</summary>
    public static string Name(UpstreamFailure failure) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(KindOf(failure).ToString());

    /// <summary>What a client is told of an error of ours.</summary>
    public static WireFailure Wire(AegisError error) => WireFailure.Of(error.Code switch
    {
        "AEGIS2320" or "AEGIS2321" or "AEGIS2357" or "AEGIS2425" => WireFailureKind.NotFound,
        "AEGIS2323" or "AEGIS2324" => WireFailureKind.Forbidden,
        "AEGIS2326" or "AEGIS2423" or "AEGIS2374" or "AEGIS2375" => WireFailureKind.Overloaded,
        "AEGIS2327" or "AEGIS2343" => WireFailureKind.TimedOut,
        "AEGIS2328" or "AEGIS2329" or "AEGIS2389" => WireFailureKind.Broken,
        "AEGIS2341" or "AEGIS2424" or "AEGIS2370" or "AEGIS2508" => WireFailureKind.RateLimited,
        "AEGIS2388" => WireFailureKind.TooLarge,
        "AEGIS2354" or "AEGIS2355" or "AEGIS2358" or "AEGIS2426" => WireFailureKind.Forbidden,
        _ => WireFailureKind.BadCall,
    }, Words(error), error.Code);

    /// <summary>What a client is told of a provider's failure: the provider's own words where it has
    /// some.</summary>
    public static WireFailure Wire(UpstreamFailure failure, AegisError error) => failure.Said is { } said
        ? said with { Code = said.Code ?? error.Code }
        : Wire(error);

    private static string Words(AegisError error) => string.Concat(error.Message,
        error.Expected is null ? "" : $"; expected {error.Expected}",
        error.Got is null ? "" : $"; got {error.Got}",
        error.Mend is null ? "" : $"; {error.Mend}");
}
