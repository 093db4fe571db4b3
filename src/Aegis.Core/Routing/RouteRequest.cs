using System.Collections.Frozen;

namespace Aegis.Core.Routing;

/// <summary>How a choice treats what it does not know for sure.</summary>
public enum Exploration
{
    /// <summary>Thompson sampling: a quality is drawn from what it may be.</summary>
    Sample,

    /// <summary>Upper bound: one deviation is added.</summary>
    Optimist,

    /// <summary>The mean alone: for showing what is known; as a policy it never finds out more.</summary>
    Mean,
}

/// <summary>A call that wants a model.</summary>
/// <param name="Seed">All chance of the choice comes from it: the same seed, facts and time choose the
/// same.</param>
/// <param name="PromptTokensBound">No fewer than the prompt has; see PromptTokens.Bound.</param>
public sealed record RouteRequest(
    string Tenant,
    string TaskType,
    ModelNeeds Needs,
    long PromptTokensBound,
    int OutputTokensMax,
    ulong Seed)
{
    // of ordinary English text; only scores use it
    private const double BytesPerToken = 4;

    /// <summary>Null for no cap. With one, a model without a known price cannot be chosen.</summary>
    public decimal? BudgetLeftUsd { get; init; }

    public RouteWeights Weights { get; init; } = RouteWeights.Default;

    public Exploration Exploration { get; init; } = Exploration.Sample;

    /// <summary>Tokens of an answer to such calls, where the caller knows; else what was learned.</summary>
    public int? OutputTokensExpected { get; init; }

    /// <summary>Null allows every provider.</summary>
    public FrozenSet<string>? ProvidersAllowed { get; init; }

    /// <summary>Null allows every model.</summary>
    public FrozenSet<ModelKey>? ModelsAllowed { get; init; }

    internal double PromptTokensExpected => PromptTokensBound / BytesPerToken;
}
