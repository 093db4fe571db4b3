using System.Collections.Immutable;
using Aegis.Core.Runs.Models;

namespace Aegis.Models.Protocols;

/// <summary>A model's whole answer.</summary>
/// <param name="Parts">Texts, reasoning and tool calls.</param>
public sealed record ChatAnswer(string Id, string Model, ImmutableArray<ChatPart> Parts, FinishReason Finish,
    TokenUsage? Usage)
{
    /// <summary>The stop sequence that ended it, where the provider says.</summary>
    public string? StoppedAt { get; init; }

    public string Text => string.Concat(Parts.OfType<TextPart>().Select(part => part.Text));

    public bool Equals(ChatAnswer? other) => other is not null && Id == other.Id && Model == other.Model
        && Finish == other.Finish && Usage == other.Usage && StoppedAt == other.StoppedAt
        && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => HashCode.Combine(Id, Model, Finish, Usage, Parts.Length);
}

public enum FinishReason
{
    /// <summary>The model had said all.</summary>
    Stop,

    /// <summary>The most tokens were reached.</summary>
    Length,

    ToolCalls,

    /// <summary>A filter or the model itself refused.</summary>
    Filter,

    /// <summary>Anthropic's: a long turn was paused and may be gone on with.</summary>
    Paused,
}

/// <summary>Tokens of one call. What came from the provider's cache and what was written to it is part of
/// the input, reasoning part of the output.</summary>
public sealed record TokenUsage(long Input, long Output, long CachedInput = 0, long CacheWrite = 0,
    long Reasoning = 0)
{
    /// <summary>What of <see cref="CacheWrite"/> is kept for an hour, which costs more.</summary>
    public long CacheWriteHour { get; init; }

    public ModelTokens ToTokens() => new(Input, Output, CachedInput, CacheWrite, Reasoning);
}
