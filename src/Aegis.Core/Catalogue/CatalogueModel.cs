using System.Collections.Immutable;
using Aegis.Core.Profiles;

namespace Aegis.Core.Catalogue;

/// <summary>A model of a provider. Null is what no page states.</summary>
/// <param name="ContextTokensMax">The longest prompt with its reply.</param>
/// <param name="OutputTokensMax">The longest reply.</param>
/// <param name="In">What it reads.</param>
/// <param name="Out">What it makes.</param>
/// <param name="JsonSchema">Whether its reply can be held to a schema.</param>
/// <param name="Temperature">False for a model that refuses the parameter.</param>
/// <param name="Source">The page that says so.</param>
/// <param name="Read">The day on which it was read.</param>
public sealed record CatalogueModel(
    string Name,
    ImmutableArray<ModelKind> Kinds,
    int? ContextTokensMax,
    int? OutputTokensMax,
    ImmutableArray<Medium> In,
    ImmutableArray<Medium> Out,
    bool? Tools,
    bool? JsonSchema,
    bool? Temperature,
    ModelPrice? Price,
    Uri Source,
    DateOnly Read);

public enum ModelKind
{
    Chat,
    Embedding,
    Transcription,
    Speech,
    Image,
    Rerank,
    Moderation,
}

public enum Medium
{
    Text,
    Image,
    Audio,
    Video,
    File,
}

/// <summary>US dollars, as far as a page says so.</summary>
/// <param name="Tokens">Null for what is not sold by tokens.</param>
/// <param name="CachedInputUsd">For a million tokens that the provider had in its cache.</param>
/// <param name="CacheWriteUsd">For a million tokens that it puts there.</param>
/// <param name="AudioHourUsd">For an hour of audio.</param>
/// <param name="CacheHourUsd">For keeping a million tokens in its cache for an hour.</param>
public sealed record ModelPrice(TokenRates? Tokens, decimal? CachedInputUsd, decimal? CacheWriteUsd,
    decimal? AudioHourUsd, decimal? CacheHourUsd = null);

/// <summary>What a million tokens cost, which may depend on the length of the prompt.</summary>
/// <param name="Long">Null where one price holds for every prompt.</param>
public sealed record TokenRates(TokenPrice Tokens, LongPrompt? Long = null)
{
    public TokenPrice For(long inputTokens) =>
        Long is { } other && inputTokens > other.AboveInputTokens ? other.Tokens : Tokens;

    public decimal Cost(long inputTokens, long outputTokens) =>
        For(inputTokens).Cost(inputTokens, outputTokens);
}

/// <summary>The price of the whole call where its prompt is longer than that.</summary>
public sealed record LongPrompt(long AboveInputTokens, TokenPrice Tokens, decimal? CachedInputUsd);
