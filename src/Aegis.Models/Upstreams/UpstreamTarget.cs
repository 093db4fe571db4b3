using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Models.Protocols;

namespace Aegis.Models.Upstreams;

public enum UpstreamAuthKind
{
    None,

    /// <summary><c>Authorization: Bearer …</c></summary>
    Bearer,

    /// <summary>A header of the provider's own, such as <c>x-api-key</c>.</summary>
    Header,

    /// <summary>A member of the address's query, such as <c>key</c>.</summary>
    Query,
}

/// <summary>How a provider is told who calls.</summary>
/// <param name="Name">Of the header or of the query's member.</param>
public sealed record UpstreamAuth(UpstreamAuthKind Kind, string? Name = null, string? Secret = null)
{
    public static UpstreamAuth None { get; } = new(UpstreamAuthKind.None);

    public static UpstreamAuth Bearer(string secret) => new(UpstreamAuthKind.Bearer, Secret: secret);

    /// <summary>A record would print its secret.</summary>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>What a provider keeps of prompts, and how it is asked to.</summary>
public enum PromptCaching
{
    None,

    /// <summary>It finds repeated prefixes by itself.</summary>
    Automatic,

    /// <summary>It keeps what is marked with <c>cache_control</c>.</summary>
    Marks,

    /// <summary>It keeps what was stored with it before, by Gemini's <c>cachedContents</c>.</summary>
    CachedContents,
}

/// <summary>A model of a provider, with everything that is needed to call it.</summary>
/// <param name="Provider">Its name, as errors and logs show it.</param>
/// <param name="BaseAddress">Up to where the protocol's own paths begin, such as
/// <c>https://api.example.com/v1</c>.</param>
/// <param name="Model">As the provider calls it.</param>
public sealed record UpstreamTarget(string Provider, Uri BaseAddress, WireProtocol Protocol,
    UpstreamAuth Auth, string Model)
{
    /// <summary>Sent with every call.</summary>
    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    public CallWishes Wishes { get; init; } = new();

    /// <summary>Whether the connection may reach only what is local.</summary>
    public bool MustBeLocal { get; init; }

    public PromptCaching Caching { get; init; }

    /// <summary>Where Gemini's <c>cachedContents</c> are made; null where there are none.</summary>
    public Uri? CachedContents { get; init; }

    /// <summary>What the catalogue says of the provider's cache. Gemini's contents are made beside its
    /// endpoint in OpenAI's protocol; at another address there are none.</summary>
    public UpstreamTarget With(PromptCache cache)
    {
        const string OpenAi = "/openai";
        var path = BaseAddress.AbsolutePath.TrimEnd('/');
        return cache switch
        {
            PromptCache.OpenAiPrefix => this with { Caching = PromptCaching.Automatic },
            PromptCache.AnthropicCacheControl => this with { Caching = PromptCaching.Marks },
            PromptCache.GeminiCachedContent when path.EndsWith(OpenAi, StringComparison.Ordinal) => this with
            {
                Caching = PromptCaching.CachedContents,
                CachedContents = new Uri(BaseAddress, path[..^OpenAi.Length] + "/cachedContents"),
            },
            _ => Caching == PromptCaching.None ? this : this with { Caching = PromptCaching.None },
        };
    }

    internal Uri Address(UpstreamPath path) => With(path == UpstreamPath.CachedContents
        ? CachedContents ?? throw new InvalidOperationException($"{Provider} keeps no cached contents")
        : new Uri(BaseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + Name(path)
            + BaseAddress.Query));

    private Uri With(Uri address) => Auth is { Kind: UpstreamAuthKind.Query, Secret: { } secret }
        ? new UriBuilder(address)
        {
            Query = $"{address.Query.TrimStart('?')}{(address.Query.Length > 1 ? "&" : "")}"
                + $"{Uri.EscapeDataString(Auth.Name ?? "key")}={Uri.EscapeDataString(secret)}",
        }.Uri : address;

    private string Name(UpstreamPath path) => path switch
    {
        UpstreamPath.Embeddings => "embeddings",
        UpstreamPath.Transcriptions => "audio/transcriptions",
        UpstreamPath.Models => "models",
        _ => Protocol == WireProtocol.Anthropic ? "messages" : "chat/completions",
    };
}

public enum UpstreamPath
{
    Chat,
    Embeddings,
    Transcriptions,
    Models,
    CachedContents,
}
