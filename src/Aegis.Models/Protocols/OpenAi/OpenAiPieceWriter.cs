using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Writes the chunks of a streamed chat completion.</summary>
internal sealed class OpenAiPieceWriter(StreamHead head) : IPieceWriter
{
    private readonly EventWriter _events = new();
    private string _id = head.Id;
    private string _model = head.Model;
    private bool _hasBegun;
    private bool _isUsageShown;
    private TokenUsage? _usage;

    public void Write(in ChatPiece piece, IBufferWriter<byte> to)
    {
        _usage = piece.Usage ?? _usage;
        if (Begins(piece))
        {
            var delta = Delta();
            delta.WriteString("role"u8, "assistant"u8);
            delta.WriteString("content"u8, ""u8);
            Close(delta, null, to);
        }
        switch (piece.Kind)
        {
            case PieceKind.Text:
                var text = Delta();
                text.WriteString("content"u8, piece.Text);
                Close(text, null, to);
                break;
            case PieceKind.Reasoning when piece.Text is not null:
                var thought = Delta();
                thought.WriteString("reasoning_content"u8, piece.Text);
                Close(thought, null, to);
                break;
            case PieceKind.ToolCall or PieceKind.Arguments:
                Call(piece, to);
                break;
            case PieceKind.Finish:
                Close(Delta(), piece.Finish, to);
                break;
        }
    }

    public void Follow(in ChatPiece piece)
    {
        _ = Begins(piece);
        _isUsageShown |= piece.Kind == PieceKind.Usage;
    }

    public void End(IBufferWriter<byte> to)
    {
        if (head.ShowUsage && !_isUsageShown && _usage is { } usage)
        {
            var json = Begin();
            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
            json.WritePropertyName("usage"u8);
            OpenAiUsage.Write(json, usage);
            json.WriteEndObject();
            _events.End([], to);
        }
        to.Write("data: [DONE]\n\n"u8);
    }

    public void Fail(WireFailure failure, IBufferWriter<byte> to)
    {
        FailureBodies.Write(_events.Begin(), failure, WireProtocol.OpenAi);
        _events.End([], to);
    }

    private bool Begins(in ChatPiece piece)
    {
        if (_hasBegun || piece.Kind is PieceKind.Usage or PieceKind.Error)
        {
            return false;
        }
        if (piece.Kind == PieceKind.Begin)
        {
            _id = string.IsNullOrEmpty(piece.Id) ? _id : piece.Id;
            _model = string.IsNullOrEmpty(piece.Name) ? _model : piece.Name;
        }
        return _hasBegun = true;
    }

    private void Call(in ChatPiece piece, IBufferWriter<byte> to)
    {
        var json = Delta();
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, piece.Index);
        if (piece.Kind == PieceKind.ToolCall)
        {
            json.WriteString("id"u8, piece.Id);
            json.WriteString("type"u8, "function"u8);
        }
        json.WriteStartObject("function"u8);
        if (piece.Kind == PieceKind.ToolCall)
        {
            json.WriteString("name"u8, piece.Name);
        }
        json.WriteString("arguments"u8, piece.Text ?? "");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        Close(json, null, to);
    }

    private Utf8JsonWriter Begin()
    {
        var json = _events.Begin();
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("object"u8, "chat.completion.chunk"u8);
        json.WriteNumber("created"u8, head.Created);
        json.WriteString("model"u8, _model);
        return json;
    }

    private Utf8JsonWriter Delta()
    {
        var json = Begin();
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("delta"u8);
        return json;
    }

    private void Close(Utf8JsonWriter json, FinishReason? finish, IBufferWriter<byte> to)
    {
        json.WriteEndObject();
        if (finish is { } reason)
        {
            json.WriteString("finish_reason"u8, OpenAiFinish.Name(reason));
        }
        else
        {
            json.WriteNull("finish_reason"u8);
        }
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        _events.End([], to);
    }
}
