using System.Collections.Immutable;

namespace Aegis.Models.Protocols;

/// <summary>How a provider wants a call to be said, where its protocol leaves that open.</summary>
public sealed record CallWishes
{
    /// <summary>OpenAI's newer models take <c>max_completion_tokens</c> alone, most others know
    /// <c>max_tokens</c> alone.</summary>
    public bool MaxCompletionTokens { get; init; }

    /// <summary>Members that the model refuses, such as <c>temperature</c>.</summary>
    public ImmutableArray<string> Without { get; init; } = [];

    /// <summary>Whether cache marks are written into OpenAI's protocol, which does not know them
    /// itself.</summary>
    public bool CacheMarks { get; init; }

    /// <summary>Whether the provider tells a stream's usage when it is asked to.</summary>
    public bool StreamUsage { get; init; } = true;

    /// <summary>Whether an assistant's message at the end is gone on with, so that the answer continues
    /// it.</summary>
    public bool Prefill { get; init; }

    public bool Omits(string member) => !Without.IsEmpty && Without.Contains(member);
}
