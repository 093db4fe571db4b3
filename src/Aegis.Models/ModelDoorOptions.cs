namespace Aegis.Models;

/// <summary>Limits of a model call.</summary>
public sealed record ModelDoorOptions
{
    /// <summary>How long one answer may take, 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is sent again that a server refused before working on it (429, 503):
    /// 2.</summary>
    public int RetriesMax { get; init; } = 2;

    /// <summary>The longest answer that is read, 8 MiB.</summary>
    public int ReplyBytesMax { get; init; } = 8 << 20;

    /// <summary>The longest conversation that is sent, in characters, 2 Mi.</summary>
    public int PromptCharsMax { get; init; } = 2 << 20;
}
