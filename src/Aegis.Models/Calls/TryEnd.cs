using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>How one try ended: with an answer, a provider's failure, or our own refusal.</summary>
/// <param name="Used">Null where nothing tells.</param>
/// <param name="Model">Who answered, in the provider's words.</param>
internal sealed record TryEnd(UpstreamFailure? Failure = null, AegisError? Refused = null,
    TokenUsage? Used = null, string? Model = null,
    ReadOnlyMemory<byte> Body = default)
{
    /// <summary>The call's end, once the try is settled.</summary>
    public ModelCallEnd? Answer { get; set; }

    public string ContentType { get; init; } = "application/json";

    public TimeSpan? RetryAfter { get; init; }

    public bool? SchemaValid { get; init; }

    /// <summary>It says nothing of the model.</summary>
    public bool IsNobodysFault { get; init; }

    public static TryEnd Of(UpstreamFailure failure) => new(failure);

    public static TryEnd Of(AegisError refused) => new(Refused: refused);

    public static TryEnd Of(ModelCallEnd answer) => new() { Answer = answer };
}
