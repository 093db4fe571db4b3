using System.Net;
using System.Text.Json;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Server.Tests.Gateway;

/// <summary>Models are asked for a short answer, by door and command line.</summary>
public sealed class ModelTestDoorTests : IAsyncLifetime
{
    private GatewayRoom room = null!;

    public async Task InitializeAsync()
    {
        room = await GatewayRoom.OpenAsync("openai");
        await room.ProfileAsync("""
            providers:
              fake: {}
              groq: {}
              down: { base_url: "http://127.0.0.1:1/v1" }
            models:
              reasoning: { provider: fake, model: fake-1 }
              embedding: { provider: fake, model: fake-1 }
              transcription: { provider: fake, model: fake-1 }
            """);
    }

    public async Task DisposeAsync() => await room.DisposeAsync();

    [Fact]
    public async Task EachAlias_IsAskedByItsOwnDoor_AndRecorded()
    {
        var told = await TestAsync(null);
        Assert.Equal((0, 0),
            (told.GetProperty("failed").GetInt32(), told.GetProperty("left_out").GetInt32()));
        Assert.Equal(["embedding embedding ok fake/fake-1", "reasoning chat ok fake/fake-1",
            "transcription transcription ok fake/fake-1"], told.GetProperty("items").EnumerateArray()
            .Select(i => $"{Text(i, "model")} {Text(i, "kind")} {Text(i, "status")} {Text(i, "answered")}"));
        Assert.Equal(["/v1/audio/transcriptions", "/v1/chat/completions", "/v1/embeddings"],
            room.Fake.Requests.Select(r => r.Path).Order());
        var chat = told.GetProperty("items")[1];
        Assert.InRange(
            chat.GetProperty("first_token_ms").GetDouble(), 0, chat.GetProperty("took_ms").GetDouble());
        Assert.True(chat.GetProperty("cost_usd").GetDecimal() > 0);
        var fact = JsonElement.Parse(await room.Server.UntilAsync("""
            SELECT convert_from(payload, 'UTF8') FROM events
             WHERE type = 'ToolReturned' AND convert_from(payload, 'UTF8')::jsonb ->> 'call_id' = $1
            """, Text(chat, "call_id")));
        Assert.Equal(("llm.chat", chat.GetProperty("cost_usd").GetDecimal()),
            (Text(fact, "tool"), fact.GetProperty("cost_usd").GetDecimal()));
        // an answer of before would say nothing of now
        var before = room.Fake.Requests.Count;
        await TestAsync("""{"models":["reasoning","reasoning"]}""");
        Assert.Equal(before + 1, room.Fake.Requests.Count);
    }

    [Fact]
    public async Task WhatFails_SaysWhy_BesideWhatDoesNot()
    {
        var told = await TestAsync("""
            {"models":["coding","groq/any","down/m","fake/nobody","fake/fake-1"]}
            """);
        Assert.Equal(4, told.GetProperty("failed").GetInt32());
        Assert.Equal(["coding AEGIS2320", "groq/any AEGIS2323", "down/m AEGIS2328", "fake/nobody AEGIS2325",
            "fake/fake-1 -"], told.GetProperty("items").EnumerateArray().Select(i => $"{Text(i, "model")} "
            + (i.TryGetProperty("error", out var error) ? Text(error, "code") : "-")));
        Assert.Contains("aegis secret set", Text(told.GetProperty("items")[1].GetProperty("error"), "mend")!,
            StringComparison.Ordinal);
        room.Fake.Script(FakeFault.Parse("401"));
        told = await TestAsync("""{"models":["reasoning"]}""");
        Assert.Equal("AEGIS2324", Text(told.GetProperty("items")[0].GetProperty("error"), "code"));
    }

    [Fact]
    public async Task WhatThePolicyDenies_IsNotAsked()
    {
        await room.ProfileAsync("""
            providers: { fake: {} }
            models: { reasoning: fake-1 }
            policies: { tools_allowed: [flow.noop] }
            """);
        var item = (await TestAsync(null)).GetProperty("items")[0];
        Assert.Equal("failed", Text(item, "status"));
        Assert.False(item.TryGetProperty("answered", out _));
        Assert.Empty(room.Fake.Requests);
    }

    [Theory]
    [InlineData(49, 50, 0)] // with the catalogue's own model
    [InlineData(50, 50, 1)]
    public async Task AllModels_AreAskedToABound(int priced, int asked, int leftOut)
    {
        await room.PriceAsync(priced);
        var told = await TestAsync("""{"all":true}""");
        Assert.Equal((asked, asked - 1, leftOut), (told.GetProperty("items").GetArrayLength(),
            told.GetProperty("failed").GetInt32(), told.GetProperty("left_out").GetInt32()));
    }

    [Fact]
    public async Task NothingToTest_AndBodiesOutOfBounds_AreRefused()
    {
        await RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", """{"models":["a"],"all":true}""");
        await RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", """{"models":[""]}""");
        await RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", """{"models":[null]}""");
        await RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", JsonSerializer.Serialize(new
        {
            models = new[] { new string('m', 201) },
        }));
        await RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", Names(51));
        Assert.Equal(50, (await TestAsync(Names(50))).GetProperty("failed").GetInt32());
        await room.ProfileAsync("models: {}");
        await RefusedAsync(HttpStatusCode.Conflict, "AEGIS2432", null);
        await RefusedAsync(HttpStatusCode.Conflict, "AEGIS2432", """{"all":true}""");
        Assert.Equal(0, (await TestAsync("""{"models":[]}""")).GetProperty("items").GetArrayLength());
        var scopeless = await room.Server.KeyAsync("acme", "runs:read");
        Assert.Equal(HttpStatusCode.Forbidden,
            (await room.Server.SendAsync("POST", "/v1/routing/tests", key: scopeless)).Status);
    }

    [Fact]
    public async Task CommandLine_ShowsThem_AndFailsWhereOneFails()
    {
        var (exit, said, error) = await room.Server.AegisAsync(["models", "test"]);
        Assert.Equal((0, ""), (exit, error));
        Assert.Matches(@"(?m)^MODEL +KIND +STATUS +ANSWERED +FIRST MS +MS +IN +OUT +COST \$", said);
        Assert.Matches(@"(?m)^reasoning +chat +ok +fake/fake-1 +[\d.]+ +[\d.]+ +\d+ +\d+ +0\.0000\d+", said);
        (exit, said, error) = await room.Server.AegisAsync(["models", "test", "reasoning", "groq/any"]);
        Assert.Equal(1, exit);
        Assert.Matches(@"(?m)^groq/any +chat +failed AEGIS2323 +", said);
        Assert.Matches(@"groq/any: AEGIS2323: .*\n.*\n?  mend: store it: aegis secret set", error);
        (exit, said, _) = await room.Server.AegisAsync(["models", "test", "reasoning", "--json"]);
        Assert.Equal((0, 1), (exit, JsonElement.Parse(said).GetProperty("items").GetArrayLength()));
        (exit, _, _) = await room.Server.AegisAsync(["models", "test", "a", "--all"]);
        Assert.Equal(6, exit);
    }

    [Fact]
    public async Task AModelThatTakesTooLong_IsGivenUp_AndItsCostStands()
    {
        await using var hasty = await GatewayRoom.OpenAsync("openai", time: new HastyTests());
        var (_, told, _) = await hasty.Server.SendAsync(
            "POST", "/v1/routing/tests", """{"models":["fault slow=2000","fake-1"]}""");
        var item = told.GetProperty("items")[0];
        Assert.Equal(("AEGIS2433", "fake/fault slow=2000"),
            (Text(item.GetProperty("error"), "code"), Text(item, "answered")));
        Assert.True(item.GetProperty("output_tokens").GetInt64() > 0);
        Assert.Equal("ok", Text(told.GetProperty("items")[1], "status"));
    }

    /// <summary>A test may take ten seconds: far more than the slow model takes for its first word, two,
    /// and far less than for all of them, twenty-four.</summary>
    private sealed class HastyTests : TimeProvider
    {
        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
            callback, state, dueTime == DoorLimits.ModelTestMax ? TimeSpan.FromSeconds(10) : dueTime, period);
    }

    private static string Names(int count) => JsonSerializer.Serialize(new
    {
        models = Enumerable.Range(0, count).Select(i => $"fake/m{i}"),
    });

    private async Task<JsonElement> TestAsync(string? body)
    {
        var (status, told, _) = await room.Server.SendAsync("POST", "/v1/routing/tests", body);
        Assert.True(status == HttpStatusCode.OK, told.GetRawText());
        return told;
    }

    private async Task RefusedAsync(HttpStatusCode status, string code, string? body)
    {
        var (answered, problem, _) = await room.Server.SendAsync("POST", "/v1/routing/tests", body);
        Assert.Equal((status, code), (answered, Text(problem, "code")));
    }

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();
}
