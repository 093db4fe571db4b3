namespace Aegis.Models.Protocols.Anthropic;

/// <summary>The names of <c>stop_reason</c>.</summary>
internal static class AnthropicFinish
{
    public static FinishReason Read(string reason) => reason switch
    {
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "tool_use" => FinishReason.ToolCalls,
        "refusal" => FinishReason.Filter,
        "pause_turn" => FinishReason.Paused,
        _ => FinishReason.Stop,
    };

    public static ReadOnlySpan<byte> Name(FinishReason reason, string? stoppedAt) => reason switch
    {
        FinishReason.Length => "max_tokens"u8,
        FinishReason.ToolCalls => "tool_use"u8,
        FinishReason.Filter => "refusal"u8,
        FinishReason.Paused => "pause_turn"u8,
        _ => stoppedAt is null ? "end_turn"u8 : "stop_sequence"u8,
    };
}
