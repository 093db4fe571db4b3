using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>What the client has got of a stream that broke, and how the next try goes on with it.</summary>
/// <param name="IsSameModel">Whether the try before was of the same model.</param>
internal sealed record BrokenOff(GivenOut Given, ChatCall Call, bool IsSameModel, bool HasDiverged);

/// <summary>What is sent for one try: the client's own bytes with the least changed where the provider
/// speaks the client's protocol, a translation otherwise.</summary>
internal readonly record struct TryBody(ReadOnlyMemory<byte> Bytes, RecoveryKind Recovery)
{
    public static TryBody Of(ModelCall call, ModelRoute route, int? output, BrokenOff? broken)
    {
        if (call.Form is { } form)
        {
            return new(form.Model == route.Model ? call.Body : form.With(call.Body.Span, route.Model),
                RecoveryKind.Fresh);
        }
        var wishes = route.Target(null).Wishes;
        var kind = broken is null ? RecoveryKind.Fresh : StreamRecovery.Plan(
            broken.Given, broken.Call, broken.IsSameModel, broken.HasDiverged);
        if (kind != RecoveryKind.Continue
            && (call.Kind != AnswerKind.Chat || route.Protocol == call.Protocol))
        {
            return new(CallSplice.Apply(call.Body.Span, call.Outline!, new CallEdit(route.Model,
                call.Stream && wishes.StreamUsage, output) { Wishes = wishes }, call.Protocol), kind);
        }
        var neutral = broken?.Call ?? ChatTranslation.ReadCall(call.Body.Span, call.Protocol);
        if (kind == RecoveryKind.Continue)
        {
            neutral = StreamRecovery.Continuing(neutral with { MaxTokens = output }, broken!.Given, wishes);
            output = neutral.MaxTokens;
        }
        return new(ChatTranslation.WriteCall(
            neutral with { Model = route.Model, MaxTokens = output, StreamUsage = true },
            route.Protocol, wishes), kind);
    }

    public static UpstreamPath PathOf(AnswerKind kind) => kind switch
    {
        AnswerKind.Embeddings => UpstreamPath.Embeddings,
        AnswerKind.Transcription => UpstreamPath.Transcriptions,
        _ => UpstreamPath.Chat,
    };
}
