using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>A rehearsed answer in the form in which a call wants it. As it was sent, where that is the form
/// and still says what the readable part does: a file may be mended by hand. Else written anew.</summary>
internal static class AnswerForms
{
    /// <param name="given">What the client has seen of it already; the rest is asked for.</param>
    public static AnswerForm Of(RehearsedTurn turn, UpstreamTarget target, AskedCall call, string given)
    {
        var answer = turn.Answer;
        if (turn.Path != RehearsedPath.Chat)
        {
            return Other(answer);
        }
        var says = Says(turn, target);
        if (answer.Sent is { } sent && given.Length == 0 && Protocol(sent) == target.Protocol
            && sent.IsStream == call.Stream && (answer.Content is null || IsSame(says, Read(sent))))
        {
            return AsSent(sent);
        }
        var rest = given.Length == 0 ? says : Behind(says, given);
        return call.Stream
            ? new(StreamedAnswer.Write(rest, target.Protocol, call.Chat!.StreamUsage), AnswerForm.Events)
            : new([ChatTranslation.WriteAnswer(rest, target.Protocol, 0)], AnswerForm.Json);
    }

    /// <summary>What a turn's answer says, whichever way the file has it.</summary>
    public static ChatAnswer Says(RehearsedTurn turn, UpstreamTarget target)
    {
        var answer = turn.Answer;
        if (answer.Content is not { } content)
        {
            return (answer.Sent is { } sent ? Read(sent) : null) ?? new("", "", [], FinishReason.Stop, null);
        }
        return new(answer.Id ?? FormattableString.Invariant($"rehearsed-{turn.Role}-{turn.Turn}"),
            answer.Model ?? target.Model, SpokenParts.Said(content), (FinishReason)answer.Finish,
            answer.Usage is { } usage
                ? new(usage.Input, usage.Output, usage.CachedInput, usage.CacheWrite, usage.Reasoning) : null)
        {
            StoppedAt = answer.StoppedAt,
        };
    }

    /// <summary>A provider's answer as a rehearsal keeps it.</summary>
    public static RehearsedAnswer Kept(ChatAnswer answer, string provider, RehearsedSent? sent) => new(
        [.. answer.Parts.Select(SpokenParts.Whole)], answer.Usage is { } usage
            ? new(usage.Input, usage.Output, usage.CachedInput, usage.CacheWrite, usage.Reasoning) : null)
    {
        Finish = (RehearsedFinish)answer.Finish,
        StoppedAt = answer.StoppedAt,
        Id = answer.Id.Length == 0 ? null : answer.Id,
        Model = answer.Model.Length == 0 ? null : answer.Model,
        Provider = provider,
        Sent = sent,
    };

    private static WireProtocol Protocol(RehearsedSent sent) =>
        sent.IsAnthropic ? WireProtocol.Anthropic : WireProtocol.OpenAi;

    private static AnswerForm AsSent(RehearsedSent sent)
    {
        var body = Encoding.UTF8.GetBytes(sent.Body);
        return sent.IsStream ? new(StreamedAnswer.Events(body), sent.ContentType ?? AnswerForm.Events)
            : new([body], sent.ContentType ?? AnswerForm.Json);
    }

    private static AnswerForm Other(RehearsedAnswer answer) => answer.Sent is { } sent ? AsSent(sent)
        : new([JsonSerializer.SerializeToUtf8Bytes(new
        {
            text = answer.Text,
            usage = new
            {
                type = "tokens",
                input_tokens = answer.Usage?.Input ?? 0,
                output_tokens = answer.Usage?.Output ?? 0,
                total_tokens = (answer.Usage?.Input + answer.Usage?.Output) ?? 0,
            },
        })], AnswerForm.Json);

    private static ChatAnswer? Read(RehearsedSent sent)
    {
        var body = Encoding.UTF8.GetBytes(sent.Body);
        return sent.IsStream ? StreamedAnswer.Read(body, Protocol(sent)).Answer
            : ChatTranslation.TryReadAnswer(body, Protocol(sent), out var answer, out _) ? answer : null;
    }

    private static bool IsSame(ChatAnswer says, ChatAnswer? sent) => sent is not null
        && says.Parts.SequenceEqual(sent.Parts) && says.Finish == sent.Finish
        && says.StoppedAt == sent.StoppedAt && (says.Usage is null || says.Usage == sent.Usage);

    private static ChatAnswer Behind(ChatAnswer answer, string given)
    {
        var left = given.Length;
        var parts = ImmutableArray.CreateBuilder<ChatPart>();
        foreach (var part in answer.Parts.Where(part => part is not ReasoningPart))
        {
            if (part is not TextPart text)
            {
                parts.Add(part);
                continue;
            }
            var known = Math.Min(left, text.Text.Length);
            left -= known;
            if (known < text.Text.Length)
            {
                parts.Add(new TextPart(text.Text[known..]));
            }
        }
        return answer with { Parts = parts.ToImmutable() };
    }
}

/// <summary>The bytes of an answer, each event for itself; a whole one is one event.</summary>
internal sealed record AnswerForm(IReadOnlyList<ReadOnlyMemory<byte>> Chunks, string ContentType)
{
    public const string Json = "application/json";
    public const string Events = "text/event-stream";

    public bool IsStream => ContentType == Events;
}
