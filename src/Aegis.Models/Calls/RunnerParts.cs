using Aegis.Core.Catalogue;
using Aegis.Core.Rehearsals;
using Aegis.Core.Routing.Failures;
using Aegis.Models.Caching;
using Aegis.Models.Learning;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>What the runner works with.</summary>
/// <param name="Providers">Over the network.</param>
/// <param name="Rehearse">In their place, where a profile names a rehearsal.</param>
/// <param name="HostKey">The host's own key of that name; null where it has none.</param>
public sealed record RunnerParts(IUpstream Providers, Func<RehearsalFile, ModelCall, IUpstream> Rehearse,
    IModelMemory Memory, Func<ModelCatalogue> Catalogue, Func<string, string?> HostKey, TimeProvider Time)
{
    /// <summary>Answers that were given before; null keeps none.</summary>
    public AnswerCache? Answers { get; init; }

    /// <summary>What providers keep of prompts; null asks for nothing.</summary>
    public PromptCaches? Prompts { get; init; }

    public RetryRules Retries { get; init; } = RetryRules.Default;

    /// <summary>How long nothing may come within an answer.</summary>
    public TimeSpan QuietTimeout { get; init; } = new UpstreamOptions().QuietTimeout;

    /// <summary>How long an answer may take to begin.</summary>
    public TimeSpan HeaderTimeout { get; init; } = new UpstreamOptions().HeaderTimeout;

    /// <summary>From 0 to 1: spreads tries that come again.</summary>
    public Func<double> Chance { get; init; } = Random.Shared.NextDouble;
}
