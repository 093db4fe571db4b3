using System.Collections.Immutable;

namespace Aegis.Models.Protocols;

/// <summary>How long a provider is asked to keep the prompt up to a part.</summary>
public enum CacheMark
{
    None,

    /// <summary>Five minutes.</summary>
    Short,

    /// <summary>An hour.</summary>
    Long,
}

/// <summary>A piece of a message, of the system prompt, or of a tool's result.</summary>
public abstract record ChatPart
{
    private protected ChatPart()
    {
    }

    public CacheMark Mark { get; init; }
}

public sealed record TextPart(string Text) : ChatPart;

/// <param name="Source">An address, or the bytes in base64.</param>
/// <param name="MediaType">Null says that the source is an address.</param>
/// <param name="Detail">OpenAI's <c>low</c>, <c>high</c> or <c>auto</c>.</param>
public sealed record ImagePart(string Source, string? MediaType = null, string? Detail = null) : ChatPart;

/// <param name="Arguments">The JSON text as the model wrote it; towards Anthropic it must be an
/// object.</param>
public sealed record ToolCallPart(string Id, string Name, string Arguments) : ChatPart;

/// <param name="Content">Texts and images.</param>
public sealed record ToolResultPart(string CallId, ImmutableArray<ChatPart> Content, bool IsError = false)
    : ChatPart
{
    public bool Equals(ToolResultPart? other) => other is not null && Mark == other.Mark
        && CallId == other.CallId && IsError == other.IsError && Content.SequenceEqual(other.Content);

    public override int GetHashCode() => HashCode.Combine(CallId, IsError, Content.Length);
}

/// <summary>What a model thought aloud. Only the protocol that made it takes it back, so it is left out
/// towards the other one.</summary>
/// <param name="Signature">What its maker wants back with it; where <paramref name="IsSealed"/>, the text is
/// the sealed data itself.</param>
public sealed record ReasoningPart(string Text, string? Signature = null, bool IsSealed = false) : ChatPart;
