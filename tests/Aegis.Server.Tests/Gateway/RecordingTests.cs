using System.Net;
using System.Text.Json;
using Aegis.Core.Rehearsals;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>A conversation of an official client through the gateway is recorded, fetched as an artifact, and
/// said again from there without the provider.</summary>
public sealed class RecordingTests
{
    private const string Models = "providers: { fake: {} }\nmodels: { reasoning: fake-1 }\n";
    private const int LooksMost = 2_000;

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Conversation_Recorded_IsSaidAgainWithoutTheProvider(string spoken)
    {
        await using var room = await GatewayRoom.OpenAsync(spoken, "record: talk\n");
        var lines = await NodeProgram.RunAsync("responses.mjs", room.Url, room.Server.Key, "fake-1");
        var asked = room.Fake.Requests.Count;
        var yaml = await RecordedAsync(room, asked);
        var file = RehearsalFile.Parse(yaml, "rehearsal.yaml").Value!;
        Assert.Equal(("recorded", RehearsalMode.Strict, asked), (file.Origin, file.Mode, file.Turns.Length));
        Assert.All(file.Turns, turn => Assert.True(turn.CostUsd > 0));

        await RehearseAsync(room, yaml);
        Assert.Equal(lines, await NodeProgram.RunAsync("responses.mjs", room.Url, room.Server.Key, "fake-1"));
        Assert.Equal(asked, room.Fake.Requests.Count);
        var (status, told, _) = await room.Server.SendAsync("POST", "/v1/chat/completions",
            """{"model": "fake-1", "messages": [{"role": "user", "content": "something else"}]}""");
        Assert.Equal((HttpStatusCode.BadRequest, "AEGIS2334"),
            (status, told.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("differs from the nearest one",
            told.GetProperty("error").GetProperty("message").GetString());
    }

    // turns are written behind their calls
    private static async Task<string> RecordedAsync(GatewayRoom room, int turns)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("aegis-recording-").FullName, "r.yaml");
        for (var looks = 0; looks < LooksMost; looks++)
        {
            var (exit, _, _) = await room.Server.AegisAsync(
                ["artifacts", "get", "rehearsal-talk", "--out", file], room.Server.Key);
            if (exit == 0 && await File.ReadAllTextAsync(file) is var yaml
                && RehearsalFile.Parse(yaml, "r.yaml").Value?.Turns.Length == turns)
            {
                return yaml;
            }
        }
        throw new TimeoutException("the recording does not come");
    }

    private static async Task RehearseAsync(GatewayRoom room, string yaml)
    {
        var (status, told, _) = await room.Server.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(new
        {
            yaml = Models + "rehearsal: r.yaml\n",
            files = new Dictionary<string, string> { ["r.yaml"] = yaml },
        }));
        Assert.True(status == HttpStatusCode.OK, told.GetRawText());
    }
}
