using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>An answer as chat completions have it.</summary>
internal sealed class FakeOpenAi(FakeQuestion question, FakeReply reply, FakeMemory memory) : IFakeSpeech
{
    private const string Id = "chatcmpl-fake";

    private string Model => JsonSerializer.Serialize(question.Model);

    private string Finish => reply.Tool is not null ? "tool_calls" : reply.IsCut ? "length" : "stop";

    public static string ErrorType(int status) => status switch
    {
        400 or 401 or 404 => "invalid_request_error",
        429 => "requests",
        _ => "server_error",
    };

    public string Whole()
    {
        var message = reply.Tool is null
            ? $$"""
              {"role":"assistant","content":{{Quoted(reply.Text)}},"refusal":null,"annotations":[]}
              """
            : $$"""
              {"role":"assistant","content":null,"refusal":null,"tool_calls":[{{Call(reply.Arguments)}}]}
              """;
        return $$"""
            {"id":"{{Id}}","object":"chat.completion","created":1700000000,"model":{{Model}},"choices":[
            {"index":0,"message":{{message}},"logprobs":null,"finish_reason":"{{Finish}}"}],
            "usage":{{Usage()}},
            "service_tier":"default","system_fingerprint":"fp_fake"}
            """;
    }

    public IEnumerable<string> Events()
    {
        yield return Chunk("""{"role":"assistant","content":"","refusal":null}""");
        foreach (var piece in reply.Pieces())
        {
            yield return Chunk($$"""{"content":{{Quoted(piece)}}}""");
        }
        if (reply.Tool is not null)
        {
            yield return Chunk($$"""{"tool_calls":[{"index":0,{{Call("")[1..]}}]}""");
            foreach (var piece in reply.ArgumentPieces())
            {
                yield return Chunk(
                    $$$"""{"tool_calls":[{"index":0,"function":{"arguments":{{{Quoted(piece)}}}}}]}""");
            }
        }
        yield return Chunk("{}", $"\"{Finish}\"");
        if (question.ShowUsage)
        {
            yield return Data($$"""
                {"id":"{{Id}}","object":"chat.completion.chunk","created":1700000000,"model":{{Model}},
                "choices":[],"usage":{{Usage()}} }
                """);
        }
        yield return "data: [DONE]\n\n";
    }

    public string Error() => Data("""
        {"error":{"message":"The fake broke within its stream.","type":"server_error",
        "param":null,"code":null} }
        """);

    private string Call(string arguments) =>
        $$"""
        {"id":"call_fake","type":"function",
        "function":{"name":{{Quoted(reply.Tool!)}},"arguments":{{Quoted(arguments)}} } }
        """;

    private string Chunk(string delta, string finish = "null") => Data($$"""
        {"id":"{{Id}}","object":"chat.completion.chunk","created":1700000000,"model":{{Model}},
        "system_fingerprint":"fp_fake",
        "choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}} }]}
        """);

    private string Usage()
    {
        var stored = question.CachedContent is { } name ? memory.Stored(name) ?? 0 : 0;
        var input = question.Tokens + stored;
        var cached = stored + Repeated();
        return $$"""
            {"prompt_tokens":{{input}},"completion_tokens":{{reply.Tokens}},
            "total_tokens":{{input + reply.Tokens}},
            "prompt_tokens_details":{"cached_tokens":{{cached}},"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0} }
            """;
    }

    // a long prompt that begins as one before: in steps of 128 tokens
    private int Repeated() => question.Tokens < FakeQuestion.PrefixTokensLeast ? 0
        : FakeQuestion.Count(memory.Recall(question.Prompt, [question.Prompt])) / 128 * 128;

    private static string Data(string json) => $"data: {json.ReplaceLineEndings("")}\n\n";

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
