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

    [Fact]
    public async Task Clients_AgainstTheFake_SeeWhatProvidersShow()
    {
        await using var fake = await StartAsync();
        var lines = await NodeProgram.RunAsync("models.mjs", fake.Url.ToString(), fake.Root.ToString(), Key,
            "fake-1");
        Assert.Equal(ClientLines.Models, Lines(lines));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Clients_ThroughTheTranslation_SeeTheSame(WireProtocol spoken)
    {
        await using var fake = await StartAsync();
        await using var server = await TranslatingServer.StartAsync(fake, spoken);
        var lines = await NodeProgram.RunAsync("models.mjs", server.Root + "/v1", server.Root, Key, "fake-1");
        Assert.Equal(ClientLines.Models, Lines(lines));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Responses_ThroughTheTranslation_AreWhatTheClientExpects(WireProtocol spoken)
    {
        await using var fake = await StartAsync();
        await using var server = await TranslatingServer.StartAsync(fake, spoken);
        var lines = await NodeProgram.RunAsync("responses.mjs", server.Root + "/v1", Key, "fake-1");
        Assert.Equal(ClientLines.Responses, Lines(lines));
    }

    [Fact]
    public async Task Client_BesideChats_SeesWhatProvidersShow()
    {
        await using var fake = await StartAsync();
        var lines = await NodeProgram.RunAsync("models-more.mjs", fake.Url.ToString(), Key, "fake-1");
        Assert.Equal(ClientLines.More, Lines(lines));
    }

    private static Task<FakeProvider> StartAsync() =>
        FakeProvider.StartAsync(new() { Key = Key, Models = ["fake-1", "fake-2"] });

    private static string[] Lines(string output) => output.TrimEnd().Split('\n');
}
