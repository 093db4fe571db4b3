using System.Collections.Frozen;

namespace Aegis.Core.Catalogue;

/// <summary>The words of the catalogue, in profiles too.</summary>
public static class CatalogueWords
{
    public static FrozenDictionary<string, ModelProtocol> Protocols { get; } = Of(
        ("openai", ModelProtocol.OpenAi), ("anthropic", ModelProtocol.Anthropic));

    public static FrozenDictionary<string, AuthKind> AuthKinds { get; } = Of(
        ("bearer", AuthKind.Bearer), ("header", AuthKind.Header), ("query", AuthKind.Query),
        ("none", AuthKind.None));

    public static FrozenDictionary<string, Locality> Localities { get; } = Of(
        ("remote", Locality.Remote), ("local", Locality.Local));

    public static FrozenDictionary<string, OutputLimit> OutputLimits { get; } = Of(
        ("max_tokens", OutputLimit.MaxTokens), ("max_completion_tokens", OutputLimit.MaxCompletionTokens));

    public static FrozenDictionary<string, PromptCache> PromptCaches { get; } = Of(
        ("none", PromptCache.None), ("openai_prefix", PromptCache.OpenAiPrefix),
        ("anthropic_cache_control", PromptCache.AnthropicCacheControl),
        ("gemini_cached_content", PromptCache.GeminiCachedContent));

    public static FrozenDictionary<string, ModelKind> Kinds { get; } = Of(
        ("chat", ModelKind.Chat), ("embedding", ModelKind.Embedding),
        ("transcription", ModelKind.Transcription), ("speech", ModelKind.Speech), ("image", ModelKind.Image),
        ("rerank", ModelKind.Rerank), ("moderation", ModelKind.Moderation));

    public static FrozenDictionary<string, Medium> Media { get; } = Of(
        ("text", Medium.Text), ("image", Medium.Image), ("audio", Medium.Audio), ("video", Medium.Video),
        ("file", Medium.File));

    /// <summary>The file's word for a value.</summary>
    public static string Word<T>(this FrozenDictionary<string, T> words, T value)
        where T : struct, Enum => words.First(w => w.Value.Equals(value)).Key;

    private static FrozenDictionary<string, T> Of<T>(params (string Word, T Value)[] words)
        where T : struct, Enum => words.ToFrozenDictionary(w => w.Word, w => w.Value, StringComparer.Ordinal);
}
