using System.Collections.Immutable;

namespace Aegis.Core.Catalogue;

/// <summary>A provider of models: where it is and how it wants to be spoken to.</summary>
/// <param name="Headers">Sent with every request, beside the key's.</param>
/// <param name="OutputLimit">The parameter that bounds a reply's length.</param>
/// <param name="StreamUsage">Whether it is asked to count tokens at the end of a stream.</param>
/// <param name="Source">The page that says so.</param>
/// <param name="Read">The day on which it was read.</param>
/// <param name="Models">By the provider's name for each.</param>
public sealed record CatalogueProvider(
    string Name,
    ProviderAddress Address,
    ModelProtocol Protocol,
    ProviderAuth Auth,
    Locality Locality,
    ImmutableSortedDictionary<string, string> Headers,
    OutputLimit OutputLimit,
    bool StreamUsage,
    PromptCache PromptCache,
    Uri Source,
    DateOnly Read,
    ImmutableSortedDictionary<string, CatalogueModel> Models);

/// <summary>How a provider is shown the key.</summary>
/// <param name="Name">Of the header or of the query's parameter; null for the others.</param>
/// <param name="Secret">The name of the secret that holds the key; null where there is none.</param>
public sealed record ProviderAuth(AuthKind Kind, string? Name, string? Secret)
{
    public static ProviderAuth None { get; } = new(AuthKind.None, null, null);

    public static ProviderAuth Bearer { get; } = new(AuthKind.Bearer, null, null);
}

public enum ModelProtocol
{
    OpenAi,
    Anthropic,
}

public enum AuthKind
{
    /// <summary>The key is never sent: a server without keys.</summary>
    None,
    Bearer,
    Header,
    Query,
}

/// <summary>Whether words leave the house. What nobody states is remote.</summary>
public enum Locality
{
    Remote,
    Local,
}

/// <summary>OpenAI renamed the parameter and refuses the old name for newer models; most others know only
/// the old one, and some refuse what they do not know.</summary>
public enum OutputLimit
{
    MaxTokens,
    MaxCompletionTokens,
}

/// <summary>How the provider's own cache of prompts is used.</summary>
public enum PromptCache
{
    None,

    /// <summary>By itself, for a prompt that begins like one before.</summary>
    OpenAiPrefix,

    /// <summary>Up to each mark that the request sets.</summary>
    AnthropicCacheControl,

    /// <summary>By the name of content that was stored by a call of its own.</summary>
    GeminiCachedContent,
}
