using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>The clients that OpenAI and Anthropic publish see through the gateway what they see at a
/// provider, whichever protocol the provider speaks.</summary>
public sealed class GatewayClientTests
{
    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Clients_SeeWhatProvidersShow(string spoken)
    {
        await using var room = await GatewayRoom.OpenAsync(spoken);
        var lines = await NodeProgram.RunAsync(
            "models.mjs", room.Url, room.Root.TrimEnd('/'), room.Server.Key, "fake-1", "by-model");
        Assert.Equal(ClientLines.Models, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Responses_AreWhatTheClientExpects(string spoken)
    {
        await using var room = await GatewayRoom.OpenAsync(spoken);
        var lines = await NodeProgram.RunAsync("responses.mjs", room.Url, room.Server.Key, "fake-1");
        Assert.Equal(ClientLines.Responses, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Embeddings_Transcriptions_AndModels_AreWhatTheClientExpects()
    {
        await using var room = await GatewayRoom.OpenAsync("openai");
        var lines = await NodeProgram.RunAsync("models-more.mjs", room.Url, room.Server.Key, "fake/fake-1");
        Assert.Equal(ClientLines.More,
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
