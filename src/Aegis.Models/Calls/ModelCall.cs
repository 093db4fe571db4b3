using Aegis.Models.Caching;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Calls;

/// <summary>A call to a model as its client says it.</summary>
/// <param name="Protocol">The client's, in which it is answered.</param>
/// <param name="Body">JSON, or the form of a sound file.</param>
/// <param name="Asked">An alias of the profile, a model, <c>provider/model</c>, or <c>auto</c>.</param>
public sealed record ModelCall(WireProtocol Protocol, AnswerKind Kind, ReadOnlyMemory<byte> Body,
    string Asked)
{
    public const string Auto = "auto";

    /// <summary>What the body says, for JSON.</summary>
    public CallOutline? Outline { get; init; }

    /// <summary>What the form says, for a sound file.</summary>
    public FormOutline? Form { get; init; }

    /// <summary>With its parameters.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>A provider of the profile; null for any.</summary>
    public string? Provider { get; init; }

    /// <summary>What the call is for: quality is learned for each task type on its own. Null takes the
    /// alias's name, or <c>general</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>Who speaks: the role of a rehearsal, and the agent that the cost is counted for.</summary>
    public string? Agent { get; init; }

    /// <summary>Which of the role's turns this is, for a rehearsal; null finds it by the prompt.</summary>
    public int? Turn { get; init; }

    /// <summary>Whether a second model is asked beside a slow one, and the first answer taken.</summary>
    public bool Hedge { get; init; }

    /// <summary>What the client asks of the cache of answers.</summary>
    public CacheWish Cache { get; init; } = CacheWish.Any;

    public bool Stream => Outline?.Stream ?? Form?.Stream ?? false;
}
