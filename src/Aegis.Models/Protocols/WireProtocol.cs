namespace Aegis.Models.Protocols;

/// <summary>How a client or a provider speaks.</summary>
public enum WireProtocol
{
    /// <summary>OpenAI's chat completions, <c>/chat/completions</c>.</summary>
    OpenAi,

    /// <summary>Anthropic's messages, <c>/messages</c>.</summary>
    Anthropic,

    /// <summary>OpenAI's responses, <c>/responses</c>: of clients alone, towards providers it becomes chat
    /// completions or messages.</summary>
    Responses,
}
