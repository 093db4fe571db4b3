namespace Aegis.Models.Protocols;

/// <summary>Bounds of what is read of a call or an answer, whoever sent it.</summary>
public static class ProtocolLimits
{
    /// <summary>The longest body of a call: images travel in it as base64.</summary>
    public const int CallBytesMax = 32 << 20;

    /// <summary>The longest audio form.</summary>
    public const int FormBytesMax = 26 << 20;

    /// <summary>How deep values may be nested.</summary>
    public const int DepthMax = 64;

    /// <summary>Messages of a call.</summary>
    public const int MessagesMax = 10_000;

    /// <summary>Parts of one message, or of the system prompt.</summary>
    public const int PartsMax = 2_000;

    /// <summary>Tools of a call.</summary>
    public const int ToolsMax = 512;

    /// <summary>Stop sequences of a call.</summary>
    public const int StopsMax = 16;

    /// <summary>Members of a call's body.</summary>
    public const int MembersMax = 256;

    /// <summary>Characters of a model's name.</summary>
    public const int ModelCharsMax = 200;

    /// <summary>Characters of a tool's name: Anthropic's bound; OpenAI's is 64.</summary>
    public const int ToolNameCharsMax = 128;

    /// <summary>Tokens that a call may ask for.</summary>
    public const int OutputTokensMax = 10_000_000;

    /// <summary>Bytes of one event of a stream.</summary>
    public const int EventBytesMax = 8 << 20;

    /// <summary>Tool calls of one answer.</summary>
    public const int ToolCallsMax = 512;
}
