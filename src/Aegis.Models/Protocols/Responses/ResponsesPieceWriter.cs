using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Protocols.Responses;

/// <summary>Writes the events of a streamed response. Reasoning is left out.</summary>
internal sealed class ResponsesPieceWriter(StreamHead head) : IPieceWriter
{
    private readonly EventWriter _events = new();
    private readonly List<ResponsesOutput> _output = [];

    // the output of each tool call
    private readonly List<int> _calls = [];
    private string _id = ResponsesAnswerWriter.IdOf(head.Id);
    private string _model = head.Model;
    private bool _hasBegun;
    private int _open = -1;
    private long _number;
    private FinishReason _finish;
    private TokenUsage? _usage;

    public void Write(in ChatPiece piece, IBufferWriter<byte> to)
    {
        if (!_hasBegun && piece.Kind is not (PieceKind.Usage or PieceKind.Error))
        {
            Begin(piece, to);
        }
        switch (piece.Kind)
        {
            case PieceKind.Text:
                Text(piece.Text!, to);
                break;
            case PieceKind.ToolCall:
                Close(to);
                _calls.Add(_output.Count);
                Open(new($"fc_{piece.Id}", piece.Id, piece.Name), to);
                break;
            case PieceKind.Arguments:
                Arguments(_calls[piece.Index], piece.Text!, to);
                break;
            case PieceKind.Finish:
                _finish = piece.Finish;
                Close(to);
                break;
            case PieceKind.Usage:
                _usage = piece.Usage;
                break;
        }
    }

    // no provider speaks this protocol to us, so nothing of it was passed on
    public void Follow(in ChatPiece piece) =>
        throw new NotSupportedException("responses are always written here");

    public void End(IBufferWriter<byte> to)
    {
        Close(to);
        var body = Body() with { Finish = _finish };
        Whole(body.IsIncomplete ? "response.incomplete"u8 : "response.completed"u8, body, to);
    }

    public void Fail(WireFailure failure, IBufferWriter<byte> to) =>
        Whole("response.failed"u8, Body() with { Failure = failure }, to);

    private ResponsesBody Body() => new(_id, _model, head.Created, _output, _usage);

    private void Begin(in ChatPiece piece, IBufferWriter<byte> to)
    {
        _hasBegun = true;
        if (piece.Kind == PieceKind.Begin)
        {
            _id = string.IsNullOrEmpty(piece.Id) ? _id : ResponsesAnswerWriter.IdOf(piece.Id);
            _model = string.IsNullOrEmpty(piece.Name) ? _model : piece.Name;
        }
        Whole("response.created"u8, Body(), to);
        Whole("response.in_progress"u8, Body(), to);
    }

    private void Text(string text, IBufferWriter<byte> to)
    {
        if (_open < 0 || _output[_open].CallId is not null)
        {
            Close(to);
            Open(new(FormattableString.Invariant($"msg_{_id}_{_output.Count}"), null, null), to);
            var part = Start("response.content_part.added"u8, _open);
            part.WriteNumber("content_index"u8, 0);
            part.WritePropertyName("part"u8);
            ResponsesOutput.Part(part, "");
            Send(part, "response.content_part.added"u8, to);
        }
        _output[_open].Text.Append(text);
        var json = Start("response.output_text.delta"u8, _open);
        json.WriteNumber("content_index"u8, 0);
        json.WriteString("delta"u8, text);
        json.WriteStartArray("logprobs"u8);
        json.WriteEndArray();
        Send(json, "response.output_text.delta"u8, to);
    }

    private void Arguments(int output, string text, IBufferWriter<byte> to)
    {
        _output[output].Text.Append(text);
        var json = Start("response.function_call_arguments.delta"u8, output);
        json.WriteString("delta"u8, text);
        Send(json, "response.function_call_arguments.delta"u8, to);
    }

    private void Open(ResponsesOutput output, IBufferWriter<byte> to)
    {
        _open = _output.Count;
        _output.Add(output);
        Item("response.output_item.added"u8, to);
    }

    private void Close(IBufferWriter<byte> to)
    {
        if (_open < 0)
        {
            return;
        }
        var output = _output[_open];
        var text = output.Text.ToString();
        if (output.CallId is not null)
        {
            var json = Start("response.function_call_arguments.done"u8, _open);
            json.WriteString("name"u8, output.Name);
            json.WriteString("arguments"u8, text);
            Send(json, "response.function_call_arguments.done"u8, to);
        }
        else
        {
            var json = Start("response.output_text.done"u8, _open);
            json.WriteNumber("content_index"u8, 0);
            json.WriteString("text"u8, text);
            json.WriteStartArray("logprobs"u8);
            json.WriteEndArray();
            Send(json, "response.output_text.done"u8, to);
            var part = Start("response.content_part.done"u8, _open);
            part.WriteNumber("content_index"u8, 0);
            part.WritePropertyName("part"u8);
            ResponsesOutput.Part(part, text);
            Send(part, "response.content_part.done"u8, to);
        }
        output.IsDone = true;
        Item("response.output_item.done"u8, to);
        _open = -1;
    }

    private void Item(ReadOnlySpan<byte> type, IBufferWriter<byte> to)
    {
        var json = Numbered(type);
        json.WriteNumber("output_index"u8, _open);
        json.WritePropertyName("item"u8);
        _output[_open].Write(json);
        Send(json, type, to);
    }

    private void Whole(ReadOnlySpan<byte> type, ResponsesBody body, IBufferWriter<byte> to)
    {
        var json = Numbered(type);
        json.WritePropertyName("response"u8);
        body.Write(json);
        Send(json, type, to);
    }

    private Utf8JsonWriter Start(ReadOnlySpan<byte> type, int output)
    {
        var json = Numbered(type);
        json.WriteString("item_id"u8, _output[output].Id);
        json.WriteNumber("output_index"u8, output);
        return json;
    }

    private Utf8JsonWriter Numbered(ReadOnlySpan<byte> type)
    {
        var json = _events.Begin();
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteNumber("sequence_number"u8, _number++);
        return json;
    }

    private void Send(Utf8JsonWriter json, ReadOnlySpan<byte> type, IBufferWriter<byte> to)
    {
        json.WriteEndObject();
        _events.End(type, to);
    }
}
