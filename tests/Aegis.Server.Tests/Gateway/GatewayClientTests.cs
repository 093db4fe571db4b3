using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>The clients that OpenAI and Anthropic publish see through the gateway what they see at a
/// provider, whichever protocol the provider speaks.</summary>
public sealed class GatewayClientTests
{
    private static readonly string[] Seen =
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

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Clients_SeeWhatProvidersShow(string spoken)
    {
        await using var room = await GatewayRoom.OpenAsync(spoken);
        var lines = await NodeProgram.RunAsync(
            "models.mjs", room.Url, room.Root.TrimEnd('/'), room.Server.Key, "fake-1", "by-model");
        Assert.Equal(Seen, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Responses_AreWhatTheClientExpects(string spoken)
    {
        await using var room = await GatewayRoom.OpenAsync(spoken);
        var lines = await NodeProgram.RunAsync("responses.mjs", room.Url, room.Server.Key, "fake-1");
        Assert.Equal([
            "whole You said: good day completed true",
            "stream You said: good day completed created,in_progress,output_item.added,content_part.added,"
                + "output_text.delta,output_text.done,content_part.done,output_item.done,completed",
            """tool look {"at":[1,2]}""",
            """tool stream {"at":[1,2]}""",
            "told The tool said: a cat",
        ], lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Embeddings_Transcriptions_AndModels_AreWhatTheClientExpects()
    {
        await using var room = await GatewayRoom.OpenAsync("openai");
        var lines = await NodeProgram.RunAsync("models-more.mjs", room.Url, room.Server.Key, "fake/fake-1");
        Assert.Equal(["embeddings 2 8 2", "transcription true", "models true"],
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
