using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>An answer as messages have it.</summary>
internal sealed class FakeAnthropic(FakeQuestion question, FakeReply reply, FakeMemory memory) : IFakeSpeech
{
    private const string Id = "msg_fake";
    private readonly string usage = Input(question, memory);

    private string Model => JsonSerializer.Serialize(question.Model);

    private string Reason => reply.Tool is not null ? "tool_use" : reply.IsCut ? "max_tokens" : "end_turn";

    public static string ErrorType(int status) => status switch
    {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 or 503 => "overloaded_error",
        _ => "api_error",
    };

    public string Whole()
    {
        var block = reply.Tool is null ? $$"""{"type":"text","text":{{Quoted(reply.Text)}}}"""
            : $$"""
              {"type":"tool_use","id":"toolu_fake","name":{{Quoted(reply.Tool)}},"input":{{reply.Arguments}}}
              """;
        return $$"""
            {"id":"{{Id}}","type":"message","role":"assistant","model":{{Model}},"content":[{{block}}],
            "stop_reason":"{{Reason}}","stop_sequence":null,
            "usage":{ {{usage}},"output_tokens":{{reply.Tokens}} } }
            """;
    }

    public IEnumerable<string> Events()
    {
        yield return Event("message_start", $$"""
            "message":{"id":"{{Id}}","type":"message","role":"assistant","model":{{Model}},"content":[],
            "stop_reason":null,"stop_sequence":null,"usage":{ {{usage}},"output_tokens":1 } }
            """);
        yield return Event("content_block_start", reply.Tool is null
            ? """
              "index":0,"content_block":{"type":"text","text":""}
              """
            : $$$"""
              "index":0,"content_block":{"type":"tool_use","id":"toolu_fake",
              "name":{{{Quoted(reply.Tool)}}},"input":{}}
              """);
        yield return Event("ping", null);
        foreach (var piece in reply.Tool is null ? reply.Pieces() : reply.ArgumentPieces())
        {
            var (type, member) = reply.Tool is null ? ("text_delta", "text")
                : ("input_json_delta", "partial_json");
            yield return Event("content_block_delta", $$$"""
                "index":0,"delta":{"type":"{{{type}}}","{{{member}}}":{{{Quoted(piece)}}}}
                """);
        }
        yield return Event("content_block_stop", "\"index\":0");
        yield return Event("message_delta", $$$"""
            "delta":{"stop_reason":"{{{Reason}}}","stop_sequence":null},
            "usage":{"output_tokens":{{{reply.Tokens}}}}
            """);
        yield return Event("message_stop", null);
    }

    public string Error() => Event("error", """
        "error":{"type":"overloaded_error","message":"Overloaded"}
        """);

    private static string Event(string type, string? members) =>
        $"event: {type}\ndata: {{\"type\":\"{type}\"{(members is null ? "" : "," + OneLine(members))}}}\n\n";

    private static string OneLine(string json) => json.ReplaceLineEndings("");

    private static string Input(FakeQuestion question, FakeMemory memory)
    {
        var last = question.Marked is [.., var longest] ? longest : "";
        var known = FakeQuestion.Count(memory.Recall(last, question.Marked));
        var marked = FakeQuestion.Count(last);
        return $"\"input_tokens\":{Math.Max(question.Tokens - marked, 1)},"
            + $"\"cache_creation_input_tokens\":{marked - known},"
            + $"\"cache_read_input_tokens\":{known}";
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
