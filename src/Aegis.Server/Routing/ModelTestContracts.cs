using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Tools;

namespace Aegis.Server.Routing;

/// <summary>Which models are asked for a short answer.</summary>
public sealed record TestModelsRequest : DoorRequest
{
    /// <summary>Aliases, models, or <c>provider/model</c>; each alias where left out.</summary>
    [Items(0, DoorLimits.ModelTestsMax)]
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Every model of the profile's providers, as far as the bound lets, in the place of
    /// aliases.</summary>
    public bool All { get; init; }

    /// <exception cref="AegisException">AEGIS6030.</exception>
    internal TestModelsRequest Checked() => Models is not null && All
        ? throw new AegisException(DoorErrors.Malformed("models and all both say whom to ask", "one of them"))
        : Models?.Any(m => m is not { Length: > 0 and <= ProtocolLimits.ModelCharsMax }) == true
            ? throw new AegisException(DoorErrors.Malformed("a model's name is out of bounds",
                $"1 to {ProtocolLimits.ModelCharsMax} characters"))
            : this;
}

/// <param name="Items">In the order in which they were named, or by name.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="LeftOut">Models beyond the bound, which were not asked.</param>
public sealed record ModelTestsAnswer(IReadOnlyList<ModelTestAnswer> Items, int Failed, int LeftOut);

/// <summary>How a model answered.</summary>
/// <param name="Model">As it was named.</param>
/// <param name="Answered">The <c>provider/model</c> that answered, or was asked last; left out where none
/// was.</param>
/// <param name="Origin">Where the answer came from.</param>
/// <param name="Tries">Those before the last one.</param>
/// <param name="FirstTokenMs">Until the first word of a stream.</param>
/// <param name="TookMs">Until the whole answer was there.</param>
/// <param name="CallId">Of the call in the ledger.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ModelTestAnswer(string Model,
    [property: OneOf("chat embedding transcription")] string Kind,
    [property: OneOf("ok failed")] string Status, string? Answered,
    [property: OneOf("live cached recorded scripted")] string? Origin, int Tries, double? FirstTokenMs,
    double? TookMs, long InputTokens, long OutputTokens, decimal CostUsd, string? CallId,
    CallErrorAnswer? Error)
{
    internal static ModelTestAnswer Of(
        string model, AnswerKind kind, ModelUse? use, string? callId, AegisError? error) => new(model,
        ModelKindWords.Of(kind), error is null ? "ok" : "failed",
        use is null ? null : $"{use.Provider}/{use.Model}", use?.Origin, use?.Tries?.Length ?? 0,
        use?.FirstTokenUs is { } first ? Ms(first) : null, use is null ? null : Ms(use.TookUs),
        use?.Tokens.Input ?? 0, use?.Tokens.Output ?? 0, use?.CostUsd ?? 0, callId,
        CallErrorAnswer.Of(error));

    private static double Ms(long us) => Math.Round(us / 1000.0, 3);
}
