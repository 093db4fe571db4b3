using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>A name such as <c>reasoning</c> for models: those that are named, in the order of preference, or
/// all of the catalogue that a filter lets through.</summary>
/// <param name="Candidates">Empty where there is a filter.</param>
/// <param name="Filter">Null where candidates are named.</param>
public sealed record ModelAlias(string Name, ImmutableArray<ModelCandidate> Candidates,
    ModelFilter? Filter = null)
{
    /// <summary>Aliases that the product's own agents and tools ask for, each with the kind of model that it
    /// needs. A profile may have others, for chat.</summary>
    public static ImmutableSortedDictionary<string, ModelKind> WellKnown { get; } =
        new Dictionary<string, ModelKind>
        {
            ["reasoning"] = ModelKind.Chat,
            ["fast"] = ModelKind.Chat,
            ["coding"] = ModelKind.Chat,
            ["creative"] = ModelKind.Chat,
            ["extraction"] = ModelKind.Chat,
            ["embedding"] = ModelKind.Embedding,
            ["transcription"] = ModelKind.Transcription,
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Where the file says it.</summary>
    public SourceSpan? At { get; init; }

    /// <summary>Only local providers may answer: <c>locality: local</c>.</summary>
    public bool IsLocal { get; init; }

    /// <summary>What a model must be to answer by this name.</summary>
    public ModelKind Kind => WellKnown.GetValueOrDefault(Name, ModelKind.Chat);

    public static ModelAlias Of(string name, string model, string? provider = null) =>
        new(name, [new ModelCandidate(model, provider)]);
}

/// <summary>A model of a provider.</summary>
/// <param name="Provider">Null takes the profile's only provider.</param>
/// <param name="BaseUrl">Overrides the provider's.</param>
/// <param name="KeyName">Overrides the provider's.</param>
public sealed record ModelCandidate(string Model, string? Provider = null, Uri? BaseUrl = null,
    string? KeyName = null, TokenPrice? Price = null);

/// <summary>Which models of the catalogue an alias may stand for: those of the profile's providers that are
/// known to fit. What no page states fits nothing.</summary>
/// <param name="Kinds">All of them; empty for the alias's own kind.</param>
/// <param name="ContextTokensMin">Null for any.</param>
/// <param name="Tools">True for models that call tools only.</param>
/// <param name="JsonSchema">True for models that can be held to a schema only.</param>
/// <param name="InputUsdMax">For a million tokens; null for any, also an unknown one.</param>
public sealed record ModelFilter(ImmutableArray<ModelKind> Kinds, long? ContextTokensMin, bool Tools,
    bool JsonSchema, decimal? InputUsdMax)
{
    public bool Fits(CatalogueModel model, ModelKind kind) =>
        (Kinds.IsEmpty ? model.Kinds.Contains(kind) : Kinds.All(k => model.Kinds.Contains(k)))
        && (ContextTokensMin is not { } context || model.ContextTokensMax >= context)
        && (!Tools || model.Tools == true)
        && (!JsonSchema || model.JsonSchema == true)
        && (InputUsdMax is not { } most || model.Price?.Tokens?.Tokens.InputUsd <= most);
}

/// <summary>A provider as the profile has it.</summary>
/// <param name="BaseUrl">Null for the catalogue's provider of this name.</param>
/// <param name="KeyName">The name of the secret that holds the key; null for the catalogue's, or for a server
/// without keys.</param>
/// <param name="Prices">By model name.</param>
public sealed record ModelProvider(string Name, Uri? BaseUrl, string? KeyName,
    ImmutableSortedDictionary<string, TokenPrice> Prices)
{
    /// <summary>Where the file says it.</summary>
    public SourceSpan? At { get; init; }

    /// <summary>What stands in the placeholders of the catalogue's address.</summary>
    public ImmutableSortedDictionary<string, string> Placeholders { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Of a provider with an address of its own: remote where the profile does not say.</summary>
    public Locality Locality { get; init; }

    /// <summary>What the catalogue knows of it; null for nothing.</summary>
    public CatalogueProvider? ListedIn(ModelCatalogue catalogue) => BaseUrl is { } url ? catalogue.At(url)
        : catalogue.Providers.GetValueOrDefault(Name);

    /// <summary>The models that it is known to have: of the catalogue, and those that the profile alone
    /// states a price for, of which nothing else is known.</summary>
    public IEnumerable<(string Name, CatalogueModel? Facts)> ModelsIn(ModelCatalogue catalogue)
    {
        var listed = ListedIn(catalogue)?.Models;
        return (listed?.Values.Select(m => (m.Name, (CatalogueModel?)m)) ?? [])
            .Concat(Prices.Keys.Where(m => listed?.ContainsKey(m) != true)
                .Select(m => (m, (CatalogueModel?)null)));
    }
}

/// <summary>What a call asks for where it does not say.</summary>
/// <param name="TokensMax">The longest reply.</param>
/// <param name="Temperature">Null leaves it to the provider.</param>
public sealed record GenerationDefaults(int TokensMax, double? Temperature)
{
    public static GenerationDefaults Default { get; } = new(4_000, 0.1);
}
