namespace Aegis.Models.Protocols.OpenAi;

/// <summary>The names of <c>finish_reason</c>.</summary>
internal static class OpenAiFinish
{
    // a reason that nobody knows yet still ends the answer
    public static FinishReason Read(string reason) => reason switch
    {
        "length" => FinishReason.Length,
        "tool_calls" or "function_call" => FinishReason.ToolCalls,
        "content_filter" => FinishReason.Filter,
        _ => FinishReason.Stop,
    };

    public static ReadOnlySpan<byte> Name(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length"u8,
        FinishReason.ToolCalls => "tool_calls"u8,
        FinishReason.Filter => "content_filter"u8,
        _ => "stop"u8,
    };
}
