using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Caching;

/// <summary>Which answers are kept: whole ones that their model ended itself. Nothing that was cut, filtered,
/// refused or that calls tools.</summary>
public static class CachedAnswers
{
    /// <summary>An answer in one piece, as its provider sent it; null where it is not to be kept.</summary>
    public static CachedAnswer? Of(ReadOnlyMemory<byte> body, WireProtocol protocol, AnswerOutline outline) =>
        outline.Finish != FinishReason.Stop || body.Length > AnswerCacheOptions.AnswerBytesMax
            || IsRefusal(body.Span)
            ? null : new(body, ProtocolOf(protocol), outline.Usage?.ToTokens() ?? ModelTokens.None);

    /// <summary>An answer that was streamed to its end; null where it is not to be kept. Reasoning was not
    /// held on to, so an answer with some would lose it.</summary>
    /// <param name="client">In whose protocol it is kept.</param>
    public static CachedAnswer? OfStream(GivenOut given, StreamHead head, TokenUsage? usage,
        WireProtocol client)
    {
        if (given.Finish != FinishReason.Stop || given.HasReasoning || given.ToolCalls > 0
            || given.TextChars is 0 or > AnswerCacheOptions.AnswerBytesMax)
        {
            return null;
        }
        var answer = new ChatAnswer(head.Id, head.Model, [new TextPart(given.Text)], FinishReason.Stop, usage)
        {
            StoppedAt = given.StoppedAt,
        };
        var protocol = client == WireProtocol.Anthropic ? client : WireProtocol.OpenAi;
        var body = ChatTranslation.WriteAnswer(answer, protocol, head.Created);
        return body.Length > AnswerCacheOptions.AnswerBytesMax ? null
            : new(body, ProtocolOf(protocol), usage?.ToTokens() ?? ModelTokens.None);
    }

    /// <summary>The body for a client: as it was kept, or in the client's protocol.</summary>
    /// <param name="created">Seconds since 1970, where the protocol wants them and the kept one has
    /// none.</param>
    public static ReadOnlyMemory<byte> For(CachedAnswer kept, WireProtocol client, long created) =>
        WireOf(kept) == client ? kept.Body
            : TryRead(kept, out var answer) ? ChatTranslation.WriteAnswer(answer, client, created) : default;

    /// <summary>The answer in neutral form; false where it cannot be read.</summary>
    public static bool TryRead(CachedAnswer kept, [NotNullWhen(true)] out ChatAnswer? answer) =>
        ChatTranslation.TryReadAnswer(kept.Body.Span, WireOf(kept), out answer, out _);

    private static WireProtocol WireOf(CachedAnswer kept) =>
        kept.Protocol == ModelProtocol.Anthropic ? WireProtocol.Anthropic : WireProtocol.OpenAi;

    private static ModelProtocol ProtocolOf(WireProtocol protocol) =>
        protocol == WireProtocol.Anthropic ? ModelProtocol.Anthropic : ModelProtocol.OpenAi;

    // OpenAI says in words beside the content that its model refused, and ends as usual; within a text the
    // quotes would stand behind a backslash
    private static bool IsRefusal(ReadOnlySpan<byte> body)
    {
        for (var at = body.IndexOf("\"refusal\""u8); at >= 0; at = body.IndexOf("\"refusal\""u8))
        {
            body = body[(at + "\"refusal\"".Length)..];
            var value = body.TrimStart(" \t\r\n:"u8);
            if (value is [(byte)'"', ..])
            {
                return true;
            }
        }
        return false;
    }
}
