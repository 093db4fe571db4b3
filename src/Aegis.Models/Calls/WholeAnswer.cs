using System.Text;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Calls;

/// <summary>An answer in one piece, in the client's protocol.</summary>
/// <param name="Wrong">Why it is none.</param>
internal readonly record struct WholeAnswer(ReadOnlyMemory<byte> Body, TokenUsage? Usage, string? Model,
    bool? SchemaValid, string? Wrong)
{
    public static WholeAnswer Read(
        ModelCall call, ModelRoute route, ReadOnlyMemory<byte> bytes, string? key, DateTimeOffset now)
    {
        if (call.Form is { ResponseFormat: not ("json" or "verbose_json" or "diarized_json") })
        {
            return new(Clean(bytes, key), null, null, null, null);
        }
        if (call.Kind != AnswerKind.Chat || route.Protocol == call.Protocol)
        {
            return AnswerOutline.TryRead(bytes.Span, route.Protocol, call.Kind, out var outline, out var wrong)
                ? new(Clean(bytes, key), outline.Usage, outline.Model, FollowsFormat(call, bytes), null)
                : Not(wrong);
        }
        if (!ChatTranslation.TryReadAnswer(bytes.Span, route.Protocol, out var answer, out var odd))
        {
            return Not(odd);
        }
        return new(Clean(ChatTranslation.WriteAnswer(answer, call.Protocol, now.ToUnixTimeSeconds()), key),
            answer.Usage, answer.Model.Length == 0 ? null : answer.Model,
            call.Outline!.HasFormat ? AnswerFormatCheck.IsJson(answer) : null, null);
    }

    private static WholeAnswer Not(string wrong) => new(default, null, null, null, wrong);

    private static bool? FollowsFormat(ModelCall call, ReadOnlyMemory<byte> bytes) =>
        call.Outline?.HasFormat != true || call.Kind != AnswerKind.Chat ? null
            : ChatTranslation.TryReadAnswer(bytes.Span, call.Protocol, out var answer, out _)
                && AnswerFormatCheck.IsJson(answer);

    // a provider may repeat the key that it was sent
    private static ReadOnlyMemory<byte> Clean(ReadOnlyMemory<byte> body, string? key)
    {
        if (key is not { Length: > 0 })
        {
            return body;
        }
        var secret = Encoding.UTF8.GetBytes(key);
        return body.Span.IndexOf(secret) < 0 ? body : Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(body.Span).Replace(key, "***", StringComparison.Ordinal));
    }
}
