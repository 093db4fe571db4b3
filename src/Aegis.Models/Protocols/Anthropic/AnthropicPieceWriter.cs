using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Writes the events of a streamed message. Reasoning is left out: a client would send it back, and
/// only its maker can sign it.</summary>
internal sealed class AnthropicPieceWriter(StreamHead head) : IPieceWriter
{
    private readonly EventWriter _events = new();

    // the block of each tool call
    private readonly List<int> _calls = [];
    private bool _hasBegun;
    private int _blocks;
    private PieceKind? _open;
    private FinishReason _finish;
    private string? _stoppedAt;
    private TokenUsage? _usage;
    private bool _sawFinish;
    private bool _isFinishShown;

    public void Write(in ChatPiece piece, IBufferWriter<byte> to)
    {
        if (!_hasBegun && piece.Kind is not (PieceKind.Usage or PieceKind.Error))
        {
            Begin(piece, to);
        }
        switch (piece.Kind)
        {
            case PieceKind.Text:
                if (_open != PieceKind.Text)
                {
                    Close(to);
                    OpenText(to);
                }
                Delta(_blocks - 1, "text_delta"u8, "text"u8, piece.Text!, to);
                break;
            case PieceKind.ToolCall:
                Close(to);
                OpenCall(piece, to);
                break;
            case PieceKind.Arguments:
                Delta(_calls[piece.Index], "input_json_delta"u8, "partial_json"u8, piece.Text!, to);
                break;
            case PieceKind.Finish:
                Close(to);
                Note(piece);
                break;
            case PieceKind.Usage:
                _usage = piece.Usage;
                break;
        }
    }

    public void Follow(in ChatPiece piece)
    {
        _hasBegun |= piece.Kind is not (PieceKind.Usage or PieceKind.Error);
        switch (piece.Kind)
        {
            case PieceKind.BlockBegin:
                _blocks++;
                _open = piece.Name == "text" ? PieceKind.Text : PieceKind.BlockBegin;
                break;
            case PieceKind.BlockEnd:
                _open = null;
                break;
            case PieceKind.ToolCall:
                _calls.Add(_blocks++);
                _open = piece.Kind;
                break;
            case PieceKind.Finish:
                _isFinishShown = true;
                break;
            case PieceKind.Usage:
                _usage = piece.Usage;
                break;
        }
    }

    public void End(IBufferWriter<byte> to)
    {
        if (!_isFinishShown)
        {
            Close(to);
            Finish(to);
        }
        Send(Start("message_stop"u8), "message_stop"u8, to);
    }

    public void Fail(WireFailure failure, IBufferWriter<byte> to)
    {
        FailureBodies.Write(_events.Begin(), failure, WireProtocol.Anthropic);
        _events.End("error"u8, to);
    }

    private void Finish(IBufferWriter<byte> to)
    {
        var json = Start("message_delta"u8);
        json.WriteStartObject("delta"u8);
        json.WriteString("stop_reason"u8,
            _sawFinish ? AnthropicFinish.Name(_finish, _stoppedAt) : "end_turn"u8);
        json.WriteString("stop_sequence"u8, _stoppedAt);
        json.WriteEndObject();
        json.WritePropertyName("usage"u8);
        AnthropicUsage.Write(json, _usage ?? new(0, 0));
        Send(json, "message_delta"u8, to);
    }

    private void Note(in ChatPiece finish)
    {
        _finish = finish.Finish;
        _stoppedAt = finish.Text;
        _sawFinish = true;
    }

    private void Begin(in ChatPiece piece, IBufferWriter<byte> to)
    {
        _hasBegun = true;
        var isBegin = piece.Kind == PieceKind.Begin;
        var json = Start("message_start"u8);
        json.WriteStartObject("message"u8);
        json.WriteString("id"u8, isBegin && !string.IsNullOrEmpty(piece.Id) ? piece.Id : head.Id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, isBegin && !string.IsNullOrEmpty(piece.Name) ? piece.Name : head.Model);
        json.WriteStartArray("content"u8);
        json.WriteEndArray();
        json.WriteNull("stop_reason"u8);
        json.WriteNull("stop_sequence"u8);
        json.WritePropertyName("usage"u8);
        AnthropicUsage.Write(json, _usage ?? new(0, 0));
        json.WriteEndObject();
        Send(json, "message_start"u8, to);
    }

    private void OpenText(IBufferWriter<byte> to)
    {
        var json = StartBlock();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, ""u8);
        SendBlock(json, PieceKind.Text, to);
    }

    private void OpenCall(in ChatPiece piece, IBufferWriter<byte> to)
    {
        _calls.Add(_blocks);
        var json = StartBlock();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, piece.Id);
        json.WriteString("name"u8, piece.Name);
        json.WriteStartObject("input"u8);
        json.WriteEndObject();
        SendBlock(json, PieceKind.ToolCall, to);
    }

    private void Close(IBufferWriter<byte> to)
    {
        if (_open is null)
        {
            return;
        }
        _open = null;
        var json = Start("content_block_stop"u8);
        json.WriteNumber("index"u8, _blocks - 1);
        Send(json, "content_block_stop"u8, to);
    }

    private void Delta(int block, ReadOnlySpan<byte> type, ReadOnlySpan<byte> member, string text,
        IBufferWriter<byte> to)
    {
        var json = Start("content_block_delta"u8);
        json.WriteNumber("index"u8, block);
        json.WriteStartObject("delta"u8);
        json.WriteString("type"u8, type);
        json.WriteString(member, text);
        json.WriteEndObject();
        Send(json, "content_block_delta"u8, to);
    }

    private Utf8JsonWriter StartBlock()
    {
        var json = Start("content_block_start"u8);
        json.WriteNumber("index"u8, _blocks);
        json.WriteStartObject("content_block"u8);
        return json;
    }

    private void SendBlock(Utf8JsonWriter json, PieceKind kind, IBufferWriter<byte> to)
    {
        json.WriteEndObject();
        Send(json, "content_block_start"u8, to);
        _open = kind;
        _blocks++;
    }

    private Utf8JsonWriter Start(ReadOnlySpan<byte> type)
    {
        var json = _events.Begin();
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        return json;
    }

    private void Send(Utf8JsonWriter json, ReadOnlySpan<byte> type, IBufferWriter<byte> to)
    {
        json.WriteEndObject();
        _events.End(type, to);
    }
}
