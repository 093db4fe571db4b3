using System.Text.Json;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads the chunks of a streamed chat completion: its first choice.</summary>
internal sealed class OpenAiPieceReader : IPieceReader
{
    // what a provider calls each tool call; some number all of them 0
    private readonly List<(long Wire, string? Id)> _calls = [];
    private bool _hasBegun;

    public bool IsDone { get; private set; }

    public void Read(ReadOnlySpan<byte> data, List<ChatPiece> pieces)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            IsDone = true;
            return;
        }
        var cursor = new JsonCursor(data);
        Chunk(ref cursor, pieces);
        cursor.Close();
    }

    private void Chunk(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        cursor.Object();
        string? id = null, model = null;
        var first = pieces.Count;
        TokenUsage? usage = null;
        while (cursor.Member())
        {
            if (cursor.Is("choices"u8))
            {
                Choices(ref cursor, pieces);
            }
            else if (cursor.Is("usage"u8))
            {
                usage = OpenAiUsage.Read(ref cursor);
            }
            else if (cursor.Is("error"u8))
            {
                pieces.Add(new(PieceKind.Error) { Failure = FailureBodies.OfStream(ref cursor) });
            }
            else if (!_hasBegun && cursor.Is("id"u8))
            {
                id = cursor.TextOrNull();
            }
            else if (!_hasBegun && cursor.Is("model"u8))
            {
                model = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        if (!_hasBegun && id is not null)
        {
            _hasBegun = true;
            pieces.Insert(first, new(PieceKind.Begin, Id: id, Name: model));
        }
        if (usage is not null)
        {
            pieces.Add(new(PieceKind.Usage) { Usage = usage });
        }
    }

    private void Choices(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        cursor.Array();
        while (cursor.Element())
        {
            if (cursor.Token != JsonTokenType.StartObject)
            {
                throw cursor.Wrong("an object");
            }
            Choice(ref cursor, pieces);
        }
    }

    private void Choice(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        FinishReason? finish = null;
        var isFirst = true;
        var before = pieces.Count;
        while (cursor.Member())
        {
            if (cursor.Is("delta"u8))
            {
                Delta(ref cursor, pieces);
            }
            else if (cursor.Is("finish_reason"u8))
            {
                finish = cursor.TextOrNull() is { } reason ? OpenAiFinish.Read(reason) : null;
            }
            else if (cursor.Is("index"u8))
            {
                isFirst = cursor.IntegerOrNull(0, int.MaxValue) is null or 0;
            }
            else
            {
                cursor.Skip();
            }
        }
        if (!isFirst)
        {
            pieces.RemoveRange(before, pieces.Count - before);
        }
        else if (finish is { } reason)
        {
            pieces.Add(new(PieceKind.Finish) { Finish = reason });
        }
    }

    private void Delta(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return;
        }
        while (cursor.Member())
        {
            if (cursor.Is("content"u8) || cursor.Is("refusal"u8))
            {
                Add(pieces, PieceKind.Text, cursor.TextOrNull());
            }
            else if (cursor.Is("reasoning_content"u8) || cursor.Is("reasoning"u8))
            {
                Add(pieces, PieceKind.Reasoning, cursor.TextOrNull());
            }
            else if (cursor.Is("tool_calls"u8))
            {
                Calls(ref cursor, pieces);
            }
            else
            {
                cursor.Skip();
            }
        }
    }

    private void Calls(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.StartArray)
        {
            cursor.Leave();
            return;
        }
        while (cursor.Element())
        {
            if (cursor.Token != JsonTokenType.StartObject)
            {
                throw cursor.Wrong("an object");
            }
            Call(ref cursor, pieces);
        }
    }

    private void Call(ref JsonCursor cursor, List<ChatPiece> pieces)
    {
        long wire = 0;
        string? id = null, name = null, arguments = null;
        while (cursor.Member())
        {
            if (cursor.Is("index"u8))
            {
                wire = cursor.IntegerOrNull(0, int.MaxValue) ?? 0;
            }
            else if (cursor.Is("id"u8))
            {
                id = cursor.TextOrNull();
            }
            else if (cursor.Is("function"u8))
            {
                (name, arguments) = Function(ref cursor, name, arguments);
            }
            else
            {
                cursor.Skip();
            }
        }
        var index = _calls.FindLastIndex(call => call.Wire == wire);
        if (index < 0 || (!string.IsNullOrEmpty(id) && _calls[index].Id != id))
        {
            index = _calls.Count;
            CallFields.Bound(ref cursor, index + 1, ProtocolLimits.ToolCallsMax, "tool calls");
            _calls.Add((wire, id));
            pieces.Add(new(PieceKind.ToolCall, Index: index,
                Id: string.IsNullOrEmpty(id) ? FormattableString.Invariant($"call_{index}") : id,
                Name: name ?? throw cursor.Wrong("a tool call that begins with its name")));
        }
        Add(pieces, PieceKind.Arguments, arguments, index);
    }

    private static (string? Name, string? Arguments) Function(ref JsonCursor cursor, string? name,
        string? arguments)
    {
        cursor.Object();
        while (cursor.Member())
        {
            if (cursor.Is("name"u8))
            {
                name = cursor.TextOrNull();
            }
            else if (cursor.Is("arguments"u8))
            {
                arguments = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        return (name, arguments);
    }

    private static void Add(List<ChatPiece> pieces, PieceKind kind, string? text, int index = 0)
    {
        if (!string.IsNullOrEmpty(text))
        {
            pieces.Add(new(kind, text, index));
        }
    }
}
