using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.OpenAi;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Rehearsals;

/// <summary>Answers as streams: written event by event, and read back to a whole.</summary>
internal static class StreamedAnswer
{
    /// <summary>The events of an answer, a word in each.</summary>
    public static List<ReadOnlyMemory<byte>> Write(ChatAnswer answer, WireProtocol to, bool showUsage)
    {
        var head = new StreamHead(answer.Id, answer.Model, 0, showUsage);
        IPieceWriter writer = to == WireProtocol.Anthropic ? new AnthropicPieceWriter(head)
            : new OpenAiPieceWriter(head);
        var written = new ArrayBufferWriter<byte>();
        foreach (var piece in Pieces(answer))
        {
            writer.Write(piece, written);
        }
        writer.End(written);
        return Events(written.WrittenMemory);
    }

    /// <summary>An error as a provider reports it within its stream.</summary>
    public static byte[] Failure(WireFailure failure, WireProtocol to)
    {
        var head = new StreamHead("", "", 0, false);
        IPieceWriter writer = to == WireProtocol.Anthropic ? new AnthropicPieceWriter(head)
            : new OpenAiPieceWriter(head);
        var written = new ArrayBufferWriter<byte>();
        writer.Fail(failure, written);
        return written.WrittenSpan.ToArray();
    }

    /// <summary>Cuts a stream into its events; what is no whole event comes last.</summary>
    public static List<ReadOnlyMemory<byte>> Events(ReadOnlyMemory<byte> stream)
    {
        var events = new List<ReadOnlyMemory<byte>>();
        for (var rest = stream; !rest.IsEmpty;)
        {
            var length = End(rest.Span);
            events.Add(rest[..length]);
            rest = rest[length..];
        }
        return events;
    }

    /// <summary>Reads as much of a stream as is there.</summary>
    public static StreamReading Read(ReadOnlyMemory<byte> stream, WireProtocol from)
    {
        IPieceReader reader = from == WireProtocol.Anthropic ? new AnthropicPieceReader()
            : new OpenAiPieceReader();
        var pieces = new List<ChatPiece>();
        var count = 0;
        foreach (var one in Events(stream))
        {
            try
            {
                foreach (var data in Data(one.Span))
                {
                    reader.Read(Encoding.UTF8.GetBytes(data), pieces);
                }
            }
            catch (Exception e) when (e is WireFaultException or JsonException or InvalidOperationException)
            {
                return new(Whole(pieces), count, false, pieces, IsMalformed: true);
            }
            if (pieces.Exists(piece => piece.Kind == PieceKind.Error))
            {
                break;
            }
            count++;
        }
        return new(Whole(pieces), count, reader.IsDone, pieces, IsMalformed: false);
    }

    private static int End(ReadOnlySpan<byte> text)
    {
        for (var at = 0; text[at..].IndexOf((byte)'\n') is >= 0 and var length; at += length + 1)
        {
            if (length == 0 || (length == 1 && text[at] == '\r'))
            {
                return at + length + 1;
            }
        }
        return text.Length;
    }

    // an event that broke off is none
    private static IEnumerable<string> Data(ReadOnlySpan<byte> one)
    {
        var lines = Encoding.UTF8.GetString(one).Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        var data = lines.Where(line => line.StartsWith("data:", StringComparison.Ordinal))
            .Select(line => line[(line.StartsWith("data: ", StringComparison.Ordinal) ? 6 : 5)..]).ToList();
        var isWhole = lines is [.., "", ""] || data is ["[DONE]"];
        return isWhole && data.Count > 0 ? [string.Join('\n', data)] : [];
    }

    private static IEnumerable<ChatPiece> Pieces(ChatAnswer answer)
    {
        yield return new(PieceKind.Begin, Id: answer.Id, Name: answer.Model);
        var calls = 0;
        foreach (var part in answer.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    foreach (var word in Words(text.Text))
                    {
                        yield return new(PieceKind.Text, word);
                    }
                    break;
                case ReasoningPart { IsSealed: false } thought:
                    yield return new(PieceKind.Reasoning, thought.Text);
                    break;
                case ToolCallPart call:
                    yield return new(PieceKind.ToolCall, Index: calls, Id: call.Id, Name: call.Name);
                    if (call.Arguments.Length > 0)
                    {
                        yield return new(PieceKind.Arguments, call.Arguments, calls);
                    }
                    calls++;
                    break;
            }
        }
        yield return new(PieceKind.Finish, answer.StoppedAt) { Finish = answer.Finish };
        if (answer.Usage is { } usage)
        {
            yield return new(PieceKind.Usage) { Usage = usage };
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf(' ', at + 1);
            end = end < 0 ? text.Length : end;
            yield return text[at..end];
            at = end;
        }
    }

    private static ChatAnswer Whole(List<ChatPiece> pieces)
    {
        var begin = pieces.Find(piece => piece.Kind == PieceKind.Begin);
        var finish = pieces.FindLast(piece => piece.Kind == PieceKind.Finish);
        var usage = pieces.FindLast(piece => piece.Kind == PieceKind.Usage).Usage;
        var parts = new List<ChatPart>();
        var calls = new List<int>();
        foreach (var piece in pieces)
        {
            switch (piece.Kind)
            {
                case PieceKind.Text when parts is [.., TextPart before]:
                    parts[^1] = new TextPart(before.Text + piece.Text);
                    break;
                case PieceKind.Text:
                    parts.Add(new TextPart(piece.Text!));
                    break;
                case PieceKind.Reasoning when parts is [.., ReasoningPart before]:
                    parts[^1] = new ReasoningPart(before.Text + piece.Text, piece.Id ?? before.Signature);
                    break;
                case PieceKind.Reasoning:
                    parts.Add(new ReasoningPart(piece.Text ?? "", piece.Id));
                    break;
                case PieceKind.ToolCall:
                    calls.Add(parts.Count);
                    parts.Add(new ToolCallPart(piece.Id ?? "", piece.Name ?? "", ""));
                    break;
                case PieceKind.Arguments when parts[calls[piece.Index]] is ToolCallPart call:
                    parts[calls[piece.Index]] = call with { Arguments = call.Arguments + piece.Text };
                    break;
            }
        }
        return new(begin.Id ?? "", begin.Name ?? "", [.. parts], finish.Finish, usage)
        {
            StoppedAt = finish.Text,
        };
    }
}

/// <summary>What was read of a stream.</summary>
/// <param name="Answer">As far as it came.</param>
/// <param name="Events">Those before the one that was wrong, or all.</param>
/// <param name="IsDone">The provider said that nothing more comes.</param>
internal sealed record StreamReading(ChatAnswer Answer, int Events, bool IsDone,
    IReadOnlyList<ChatPiece> Pieces, bool IsMalformed)
{
    public bool IsFinished => Pieces.Any(piece => piece.Kind == PieceKind.Finish);

    public WireFailure? Failure => Pieces.LastOrDefault(piece => piece.Kind == PieceKind.Error).Failure;
}
