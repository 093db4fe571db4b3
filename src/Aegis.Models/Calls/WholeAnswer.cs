using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Calls;

/// <summary>An answer in one piece, in the client's protocol.</summary>
/// <param name="Wrong">Why it is none.</param>
internal readonly record struct WholeAnswer(ReadOnlyMemory<byte> Body, TokenUsage? Usage, string? Model,
    bool? SchemaValid, string? Wrong)
{
    public static WholeAnswer Read(
        ModelCall call, ModelRoute route, ReadOnlyMemory<byte> bytes, DateTimeOffset now)
    {
        if (call.Form is { ResponseFormat: not ("json" or "verbose_json" or "diarized_json") })
        {
            return new(bytes, null, null, null, null);
        }
        if (call.Kind != AnswerKind.Chat || route.Protocol == call.Protocol)
        {
            return AnswerOutline.TryRead(
                bytes.Span, route.Protocol, call.Kind, out var outline, out var wrong)
                ? new(bytes, outline.Usage, outline.Model, FollowsFormat(call, bytes), null)
                : Not(wrong);
        }
        if (!ChatTranslation.TryReadAnswer(bytes.Span, route.Protocol, out var answer, out var odd))
        {
            return Not(odd);
        }
        return new(ChatTranslation.WriteAnswer(answer, call.Protocol, now.ToUnixTimeSeconds()),
            answer.Usage, answer.Model.Length == 0 ? null : answer.Model,
            call.Outline!.HasFormat ? AnswerFormatCheck.IsJson(answer) : null, null);
    }

    /// <summary>What the client is told that it is. No page, script or image is served under the
    /// server's own name, whatever a provider says.</summary>
    public static string ContentTypeOf(AnswerKind kind, string? said) =>
        kind != AnswerKind.Transcription || said is null ? "application/json"
            : said is "application/json" or "text/plain" or "text/vtt" or "application/x-subrip" ? said
            : "text/plain";

    private static WholeAnswer Not(string wrong) => new(default, null, null, null, wrong);

    private static bool? FollowsFormat(ModelCall call, ReadOnlyMemory<byte> bytes) =>
        call.Outline?.HasFormat != true || call.Kind != AnswerKind.Chat ? null
            : ChatTranslation.TryReadAnswer(bytes.Span, call.Protocol, out var answer, out _)
                && AnswerFormatCheck.IsJson(answer);
}
