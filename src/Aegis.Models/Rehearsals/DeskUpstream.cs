using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using Aegis.Core.Budgets;
using Aegis.Core.Profiles;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>Answers from a rehearsal, in one piece.</summary>
internal sealed class DeskUpstream(RehearsalFile file, ModelCall call) : IUpstream
{
    private readonly RehearsedTurn turn = RehearsalDesk.Answer(file, RequestOf(call));

    public string Origin => file.Origin;

    public CallCost? Priced => new(turn.CostUsd, turn.InputTokens + turn.OutputTokens);

    public ValueTask<UpstreamAnswer> SendAsync(UpstreamTarget target, UpstreamPath path,
        ReadOnlyMemory<byte> body, CancellationToken cancel, string contentType = "application/json")
    {
        var answer = ChatTranslation.WriteAnswer(new ChatAnswer("rehearsed", target.Model,
            [new TextPart(turn.Reply)], FinishReason.Stop, new(turn.InputTokens, turn.OutputTokens)),
            target.Protocol, 0);
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(answer) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return ValueTask.FromResult(new UpstreamAnswer(response, new MemoryStream(answer), new()));
    }

    private static ModelRequest RequestOf(ModelCall call) => new(
        [.. ChatTranslation.ReadCall(call.Body.Span, call.Protocol).Messages.Select(m => new ModelMessage(
            m.Role == ChatRole.User ? "user" : "assistant",
            string.Concat(m.Parts.OfType<TextPart>().Select(p => p.Text))))],
        Role: call.Agent ?? "user", Turn: call.Turn ?? 1);
}
