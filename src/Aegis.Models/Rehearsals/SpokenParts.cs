using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;

namespace Aegis.Models.Rehearsals;

/// <summary>Parts of messages and answers, to and from the form of a rehearsal.</summary>
internal static class SpokenParts
{
    /// <summary>A part of a request; the bytes of an image become their hash.</summary>
    public static RehearsedPart Asked(ChatPart part) => part switch
    {
        ImagePart { MediaType: { } type } image => new RehearsedImage(HashOf(image.Source), type),
        ImagePart image => new RehearsedImage(image.Source),
        ToolResultPart result => new RehearsedResult(result.CallId, [.. result.Content.Select(Asked)],
            result.IsError),
        _ => Whole(part),
    };

    /// <summary>A part of an answer.</summary>
    public static RehearsedPart Whole(ChatPart part) => part switch
    {
        TextPart text => new RehearsedSaying(new(text.Text)),
        ToolCallPart call => new RehearsedCall(call.Id, call.Name, call.Arguments),
        ReasoningPart reasoning =>
            new RehearsedReasoning(reasoning.Text, reasoning.Signature, reasoning.IsSealed),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "no answer holds such a part"),
    };

    public static ImmutableArray<ChatPart> Said(ImmutableArray<RehearsedPart> parts) =>
        [.. parts.Select(Said).OfType<ChatPart>()];

    // a model says texts, calls and what it thought; what else a file may hold there is no answer
    private static ChatPart? Said(RehearsedPart part) => part switch
    {
        RehearsedSaying saying => new TextPart(saying.Text.Text),
        RehearsedCall call => new ToolCallPart(call.Id, call.Name, call.Arguments),
        RehearsedReasoning reasoning =>
            new ReasoningPart(reasoning.Text, reasoning.Signature, reasoning.IsSealed),
        _ => null,
    };

    private static string HashOf(string base64)
    {
        var text = Encoding.UTF8.GetBytes(base64);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            ? RehearsedText.HashOf(bytes.AsSpan(0, length)) : RehearsedText.HashOf(text);
    }
}
