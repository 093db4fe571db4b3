using Aegis.Models.Protocols;
using Aegis.Models.Tests.Support;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests;

/// <summary>The clients that OpenAI and Anthropic publish, against the fake provider, which so is shown to
/// speak as the real ones do, and through our translation in every direction.</summary>
public sealed class OfficialClientTests
{
    private const string Key = "sk-fake-1234567890";

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

    [Fact]
    public async Task Clients_AgainstTheFake_SeeWhatProvidersShow()
    {
        await using var fake = await StartAsync();
        var lines = await NodeProgram.RunAsync("models.mjs", fake.Url.ToString(), fake.Root.ToString(), Key,
            "fake-1");
        Assert.Equal(Seen, Lines(lines));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Clients_ThroughTheTranslation_SeeTheSame(WireProtocol spoken)
    {
        await using var fake = await StartAsync();
        await using var server = await TranslatingServer.StartAsync(fake, spoken);
        var lines = await NodeProgram.RunAsync("models.mjs", server.Root + "/v1", server.Root, Key, "fake-1");
        Assert.Equal(Seen, Lines(lines));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Responses_ThroughTheTranslation_AreWhatTheClientExpects(WireProtocol spoken)
    {
        await using var fake = await StartAsync();
        await using var server = await TranslatingServer.StartAsync(fake, spoken);
        var lines = await NodeProgram.RunAsync("responses.mjs", server.Root + "/v1", Key, "fake-1");
        Assert.Equal([
            "whole You said: good day completed true",
            "stream You said: good day completed created,in_progress,output_item.added,content_part.added,"
                + "output_text.delta,output_text.done,content_part.done,output_item.done,completed",
            """tool look {"at":[1,2]}""",
            """tool stream {"at":[1,2]}""",
            "told The tool said: a cat",
        ], Lines(lines));
    }

    [Fact]
    public async Task Client_BesideChats_SeesWhatProvidersShow()
    {
        await using var fake = await StartAsync();
        var lines = await NodeProgram.RunAsync("models-more.mjs", fake.Url.ToString(), Key, "fake-1");
        Assert.Equal(["embeddings 2 8 2", "transcription true", "models true"], Lines(lines));
    }

    private static Task<FakeProvider> StartAsync() =>
        FakeProvider.StartAsync(new() { Key = Key, Models = ["fake-1", "fake-2"] });

    private static string[] Lines(string output) => output.TrimEnd().Split('\n');
}
