using System.Collections.Immutable;

namespace Aegis.Core.Rehearsals;

/// <summary>Why an answer ended.</summary>
public enum RehearsedFinish
{
    Stop,
    Length,
    ToolCalls,
    Filter,
    Paused,
}

/// <summary>A rehearsed answer.</summary>
/// <param name="Content">Null where <see cref="Sent"/> alone says it.</param>
public sealed record RehearsedAnswer(ImmutableArray<RehearsedPart>? Content, RehearsedUsage? Usage)
{
    public RehearsedFinish Finish { get; init; }

    /// <summary>The stop sequence that ended it.</summary>
    public string? StoppedAt { get; init; }

    /// <summary>The provider's own name for it.</summary>
    public string? Id { get; init; }

    /// <summary>The model that answered, and whose it is; null for the one that is asked.</summary>
    public string? Model { get; init; }

    /// <summary>Who answered when it was recorded.</summary>
    public string? Provider { get; init; }

    /// <summary>The answer as it was sent; used as long as it says what <see cref="Content"/> does.</summary>
    public RehearsedSent? Sent { get; init; }

    public string Text =>
        string.Concat((Content ?? []).OfType<RehearsedSaying>().Select(part => part.Text.Text));
}

/// <summary>Tokens; what was cached is part of the input, reasoning part of the output.</summary>
public sealed record RehearsedUsage(long Input, long Output, long CachedInput = 0, long CacheWrite = 0,
    long Reasoning = 0);

/// <param name="IsAnthropic">Anthropic's protocol, else OpenAI's.</param>
/// <param name="IsStream">Server-sent events, else one body.</param>
/// <param name="ContentType">Null for JSON, or for events.</param>
public sealed record RehearsedSent(bool IsAnthropic, bool IsStream, string Body, string? ContentType = null);
