namespace Aegis.Tests.Shared;

/// <summary>What the programs of tests/node print of a provider, whoever stands between.</summary>
internal static class ClientLines
{
    /// <summary>Of models.mjs.</summary>
    public static readonly string[] Models =
    [
        "openai whole You said: good day stop true",
        "openai stream You said: good day stop true true",
        """openai tool look {"at":[1,2],"why":"é \" x"} tool_calls""",
        """openai tool stream look {"at":[1,2],"why":"é \" x"}""",
        "openai told The tool said: a cat",
        "openai schema good day",
        "openai image I see 1 image(s). You said: and?",
        "anthropic whole You said: good day end_turn true",
        "anthropic stream You said: good day end_turn true message_start,content_block_start,"
            + "content_block_delta,content_block_stop,message_delta,message_stop",
        """anthropic tool look {"at":[1,2],"why":"é \" x"} tool_use""",
        """anthropic tool stream {"at":[1,2],"why":"é \" x"} tool_use""",
        "anthropic told The tool said: a cat",
        "anthropic cut max_tokens",
        "openai unknown model NotFoundError 404 true",
        "openai wrong key AuthenticationError 401 true",
        "openai 429 RateLimitError 429 true",
        "openai 500 InternalServerError 500 true",
        "anthropic unknown model NotFoundError 404 true",
        "anthropic wrong key AuthenticationError 401 true",
        "anthropic 429 RateLimitError 429 true",
        "anthropic 529 OverloadedError 529 true",
        "openai abort true",
    ];

    /// <summary>Of responses.mjs.</summary>
    public static readonly string[] Responses =
    [
        "whole You said: good day completed true",
        "stream You said: good day completed created,in_progress,output_item.added,content_part.added,"
            + "output_text.delta,output_text.done,content_part.done,output_item.done,completed",
        """tool look {"at":[1,2]}""",
        """tool stream {"at":[1,2]}""",
        "told The tool said: a cat",
    ];

    /// <summary>Of models-more.mjs.</summary>
    public static readonly string[] More = ["embeddings 2 8 2", "transcription true", "models true"];
}
