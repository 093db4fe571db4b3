using System.Text.Json;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads the events of a streamed message.</summary>
internal sealed class AnthropicPieceReader : IPieceReader
{
    // which block each tool call is
    private readonly List<long> _calls = [];
    private AnthropicUsage _usage;

    public bool IsDone { get; private set; }

    public void Read(ReadOnlySpan<byte> data, List<ChatPiece> pieces)
    {
        var cursor = new JsonCursor(data);
        var read = new Draft();
        cursor.Object();
        while (cursor.Member())
        {
            Member(ref cursor, read);
        }
        cursor.Close();
        Take(read, pieces);
    }

    private void Member(ref JsonCursor cursor, Draft read)
    {
        if (cursor.Is("type"u8))
        {
            read.Event = cursor.Text();
        }
        else if (cursor.Is("index"u8))
        {
            read.Block = cursor.IntegerOrNull(0, int.MaxValue) ?? 0;
        }
        else if (cursor.Is("message"u8) || cursor.Is("content_block"u8) || cursor.Is("delta"u8))
        {
            cursor.Object();
            while (cursor.Member())
            {
                Inner(ref cursor, read);
            }
        }
        else if (cursor.Is("usage"u8))
        {
            _usage.Read(ref cursor);
        }
        else if (cursor.Is("error"u8))
        {
            read.Failure = FailureBodies.OfStream(ref cursor);
        }
        else
        {
            cursor.Skip();
        }
    }

    private void Inner(ref JsonCursor cursor, Draft read)
    {
        if (cursor.Is("type"u8))
        {
            read.Type = cursor.Text();
        }
        else if (cursor.Is("id"u8))
        {
            read.Id = cursor.TextOrNull();
        }
        else if (cursor.Is("model"u8) || cursor.Is("name"u8))
        {
            read.Name = cursor.TextOrNull();
        }
        else if (cursor.Is("text"u8) || cursor.Is("partial_json"u8) || cursor.Is("thinking"u8))
        {
            read.Text = cursor.TextOrNull();
        }
        else if (cursor.Is("signature"u8))
        {
            read.Signature = cursor.TextOrNull();
        }
        else if (cursor.Is("stop_reason"u8))
        {
            read.Reason = cursor.TextOrNull();
        }
        else if (cursor.Is("stop_sequence"u8))
        {
            read.StoppedAt = cursor.TextOrNull();
        }
        else if (cursor.Is("usage"u8))
        {
            _usage.Read(ref cursor);
        }
        else
        {
            cursor.Skip();
        }
    }

    private void Take(Draft read, List<ChatPiece> pieces)
    {
        switch (read.Event)
        {
            case "message_start":
                pieces.Add(new(PieceKind.Begin, Id: read.Id ?? "", Name: read.Name));
                Usage(pieces);
                break;
            case "content_block_start":
                Start(read, pieces);
                break;
            case "content_block_delta":
                Delta(read, pieces);
                break;
            case "content_block_stop":
                pieces.Add(new(PieceKind.BlockEnd));
                break;
            case "message_delta":
                if (read.Reason is { } reason)
                {
                    pieces.Add(new(PieceKind.Finish, read.StoppedAt)
                    {
                        Finish = AnthropicFinish.Read(reason),
                    });
                }
                Usage(pieces);
                break;
            case "message_stop":
                IsDone = true;
                break;
            case "error":
                pieces.Add(new(PieceKind.Error)
                {
                    Failure = read.Failure
                        ?? WireFailure.Of(WireFailureKind.Broken, "an error without a word"),
                });
                break;
        }
    }

    private void Start(Draft read, List<ChatPiece> pieces)
    {
        if (read.Type == "tool_use" && _calls.Count < ProtocolLimits.ToolCallsMax)
        {
            pieces.Add(new(PieceKind.ToolCall, Index: _calls.Count, Id: read.Id ?? "",
                Name: read.Name ?? ""));
            _calls.Add(read.Block);
            return;
        }
        pieces.Add(new(PieceKind.BlockBegin, Name: read.Type));
        if (read.Type == "text" && !string.IsNullOrEmpty(read.Text))
        {
            pieces.Add(new(PieceKind.Text, read.Text));
        }
    }

    private void Delta(Draft read, List<ChatPiece> pieces)
    {
        switch (read.Type)
        {
            case "text_delta" when !string.IsNullOrEmpty(read.Text):
                pieces.Add(new(PieceKind.Text, read.Text));
                break;
            case "input_json_delta" when !string.IsNullOrEmpty(read.Text)
                && _calls.IndexOf(read.Block) is >= 0 and var index:
                pieces.Add(new(PieceKind.Arguments, read.Text, index));
                break;
            case "thinking_delta" when !string.IsNullOrEmpty(read.Text):
                pieces.Add(new(PieceKind.Reasoning, read.Text));
                break;
            case "signature_delta":
                pieces.Add(new(PieceKind.Reasoning, Id: read.Signature));
                break;
        }
    }

    private void Usage(List<ChatPiece> pieces)
    {
        if (_usage.IsThere)
        {
            pieces.Add(new(PieceKind.Usage) { Usage = _usage.Total });
        }
    }

    private sealed class Draft
    {
        public string? Event { get; set; }

        public long Block { get; set; }

        public string? Type { get; set; }

        public string? Id { get; set; }

        public string? Name { get; set; }

        public string? Text { get; set; }

        public string? Signature { get; set; }

        public string? Reason { get; set; }

        public string? StoppedAt { get; set; }

        public WireFailure? Failure { get; set; }
    }
}
