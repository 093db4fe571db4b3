using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Calls;

/// <summary>A call as far as a choice looks at it, for one that is explained and not made.</summary>
/// <param name="Asked">An alias of the profile, a model, <c>provider/model</c>, or <c>auto</c>.</param>
public sealed record CallSketch(string Asked)
{
    // a second of sound, as a test sends it
    private const int SoundBytes = 32_000;

    /// <summary>A provider of the profile; null for any.</summary>
    public string? Provider { get; init; }

    /// <summary>Null takes the alias's name, or <c>general</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>Null for the alias's or model's own.</summary>
    public AnswerKind? Kind { get; init; }

    public long PromptBytes { get; init; }

    /// <summary>Null takes the profile's usual.</summary>
    public int? MaxTokens { get; init; }

    public bool HasTools { get; init; }

    public bool HasFormat { get; init; }

    public int Images { get; init; }

    internal ModelCall ToCall(AnswerKind kind) => new(WireProtocol.OpenAi, kind, default, Asked)
    {
        Provider = Provider,
        TaskType = TaskType,
        Form = kind == AnswerKind.Transcription ? FormOutline.Sketch(Asked, SoundBytes) : null,
        Outline = kind == AnswerKind.Transcription ? null : new CallOutline
        {
            Model = Asked,
            PromptBytes = PromptBytes,
            MaxTokens = MaxTokens,
            HasTools = HasTools,
            HasFormat = HasFormat,
            Images = Images,
        },
    };
}
