using System.Diagnostics.CodeAnalysis;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.OpenAi;
using Aegis.Models.Protocols.Responses;

namespace Aegis.Models.Protocols;

/// <summary>Whole calls and answers from any protocol to any other, by the neutral form.</summary>
public static class ChatTranslation
{
    /// <exception cref="AegisException">AEGIS2386 to 2388.</exception>
    public static ChatCall ReadCall(ReadOnlySpan<byte> body, WireProtocol from) => from switch
    {
        WireProtocol.Anthropic => AnthropicCallReader.Read(body),
        WireProtocol.Responses => ResponsesCallReader.Read(body),
        _ => OpenAiCallReader.Read(body),
    };

    /// <param name="defaultMaxTokens">Where the call names none and the protocol asks for one.</param>
    /// <exception cref="AegisException">AEGIS2387.</exception>
    public static byte[] WriteCall(ChatCall call, WireProtocol to, CallWishes wishes,
        int defaultMaxTokens = AnthropicCallWriter.DefaultMaxTokens) => to switch
        {
            WireProtocol.Anthropic => AnthropicCallWriter.Write(call, wishes, defaultMaxTokens),
            WireProtocol.OpenAi => OpenAiCallWriter.Write(call, wishes),
            _ => throw new ArgumentOutOfRangeException(nameof(to), to, "no provider is spoken to so"),
        };

    /// <returns>False with what is wrong with a provider's answer.</returns>
    public static bool TryReadAnswer(ReadOnlySpan<byte> body, WireProtocol from,
        [NotNullWhen(true)] out ChatAnswer? answer, [NotNullWhen(false)] out string? wrong)
    {
        var isRead = from == WireProtocol.Anthropic
            ? AnthropicAnswerReader.TryRead(body, out answer, out wrong)
            : OpenAiAnswerReader.TryRead(body, out answer, out wrong);
        if (isRead && answer!.Parts.OfType<ToolCallPart>().Any(call =>
            call.Arguments.Length > 0 && !JsonBody.IsObject(call.Arguments)))
        {
            (answer, wrong) = (null, "the arguments of a tool call are no JSON object");
            return false;
        }
        return isRead;
    }

    /// <param name="created">Seconds since 1970.</param>
    public static byte[] WriteAnswer(ChatAnswer answer, WireProtocol to, long created) => to switch
    {
        WireProtocol.Anthropic => AnthropicAnswerWriter.Write(answer),
        WireProtocol.Responses => ResponsesAnswerWriter.Write(answer, created),
        _ => OpenAiAnswerWriter.Write(answer, created),
    };
}
