namespace Aegis.Core.Runs.Models;

/// <summary>Sums over calls to models.</summary>
/// <param name="Tries">Those that did not bring the answer.</param>
/// <param name="FirstTokenUs">Summed over <paramref name="FirstTokens"/> streams.</param>
public sealed record ModelTotals(long Calls, long Answered, long Failed, long Aborted, ModelTokens Tokens,
    decimal CostUsd, decimal SavedUsd, long Tries, long TookUs, long FirstTokenUs, long FirstTokens)
{
    public static ModelTotals None { get; } = new(0, 0, 0, 0, ModelTokens.None, 0, 0, 0, 0, 0, 0);

    public ModelTotals With(ModelUse use) => new(
        Calls + 1,
        Answered + (use.Outcome == ModelUse.Answered ? 1 : 0),
        Failed + (use.Outcome == ModelUse.Failed ? 1 : 0),
        Aborted + (use.Outcome == ModelUse.Aborted ? 1 : 0),
        new ModelTokens(
            Tokens.Input + use.Tokens.Input,
            Tokens.Output + use.Tokens.Output,
            Tokens.CachedInput + use.Tokens.CachedInput,
            Tokens.CacheWrite + use.Tokens.CacheWrite,
            Tokens.Reasoning + use.Tokens.Reasoning),
        CostUsd + use.CostUsd,
        SavedUsd + use.SavedUsd,
        Tries + (use.Tries?.Length ?? 0),
        TookUs + use.TookUs,
        FirstTokenUs + (use.FirstTokenUs ?? 0),
        FirstTokens + (use.FirstTokenUs is null ? 0 : 1));
}
