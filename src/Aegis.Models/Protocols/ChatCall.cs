using System.Collections.Immutable;

namespace Aegis.Models.Protocols;

/// <summary>A model call as neither protocol says it and both can.</summary>
public sealed record ChatCall
{
    public required string Model { get; init; }

    /// <summary>Texts alone. A system message in the middle of a conversation comes here too, in
    /// order.</summary>
    public ImmutableArray<TextPart> System { get; init; } = [];

    public required ImmutableArray<ChatMessage> Messages { get; init; }

    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    public ToolChoice? ToolChoice { get; init; }

    /// <summary>Null for plain text.</summary>
    public AnswerFormat? Format { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public ImmutableArray<string> Stop { get; init; } = [];

    public int? MaxTokens { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether the client wants to see the usage at the end of a stream; Anthropic always shows
    /// it.</summary>
    public bool StreamUsage { get; init; }

    /// <summary>Who is behind the call, as the client names him to the provider.</summary>
    public string? User { get; init; }

    /// <summary>Members that the neutral form does not know. They go on to a provider of the same protocol
    /// alone.</summary>
    public ImmutableArray<RestMember> Rest { get; init; } = [];

    /// <summary>The protocol that <see cref="Rest"/> belongs to.</summary>
    public WireProtocol RestOf { get; init; }
}

public enum ChatRole
{
    User,
    Assistant,
}

/// <summary>A tool's result is a part of a user's message.</summary>
public sealed record ChatMessage(ChatRole Role, ImmutableArray<ChatPart> Parts)
{
    public bool Equals(ChatMessage? other) =>
        other is not null && Role == other.Role && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => HashCode.Combine(Role, Parts.Length);
}

/// <param name="Schema">The JSON schema of its arguments, as text.</param>
/// <param name="Strict">Whether arguments must follow the schema to the letter, where the client
/// said.</param>
public sealed record ChatTool(string Name, string? Description, string Schema, bool? Strict = null)
{
    public CacheMark Mark { get; init; }
}

public enum ToolChoiceKind
{
    Auto,
    None,

    /// <summary>Some tool must be called.</summary>
    Any,

    /// <summary>The named one must be called.</summary>
    Named,
}

/// <param name="Parallel">Whether several may be called at once, where the client said.</param>
public sealed record ToolChoice(ToolChoiceKind Kind, string? Name = null, bool? Parallel = null);

/// <param name="Schema">The JSON schema as text; null for any JSON object.</param>
public sealed record AnswerFormat(string? Name, string? Schema, bool? Strict = null,
    string? Description = null);

/// <param name="Json">The value as it came.</param>
public sealed record RestMember(string Name, string Json);
