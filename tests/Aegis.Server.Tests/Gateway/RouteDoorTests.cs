using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Replacements;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Server.Tests.Gateway;

/// <summary>What the router would do with a call, by door and command line; nothing is called.</summary>
public sealed class RouteDoorTests : IAsyncLifetime
{
    private const string Profile = """
        providers:
          fake:
            prices:
              slow-1: { input_usd_per_million: 3, output_usd_per_million: 4 }
        models:
          reasoning: [{ model: fake-1 }, { model: slow-1 }]
          extraction: { kinds: [chat], tools: true }
          embedding: fake-1

        """;

    private static readonly ModelKey Named = new("fake", "fake-1");
    private GatewayRoom room = null!;

    public async Task InitializeAsync()
    {
        room = await GatewayRoom.OpenAsync("openai");
        await room.ProfileAsync(Profile);
    }

    public async Task DisposeAsync()
    {
        Assert.Empty(room.Fake.Requests);
        await room.DisposeAsync();
    }

    [Fact]
    public async Task AnAlias_IsShownInItsOrder_WithWhoRests_AndWhoStandsIn()
    {
        var told = await ExplainAsync("""{"model":"reasoning"}""");
        Assert.Equal(("ordered", "reasoning"), (Text(told, "mode"), Text(told, "task_type")));
        Assert.Equal(["fake/fake-1 1", "fake/slow-1 2"], Candidates(told));
        Assert.False(told.TryGetProperty("seed", out _));
        var parts = room.Server.Server.Parts;
        var (memory, now) = (parts.Engine!.ModelMemory, TimeProvider.System.GetUtcNow());
        memory.Breakers("acme").Report(Named, 0, BreakerVerdict.Gone, null, now);
        // by the ledger: at each beat of learning, what stands there is put in the memory's place
        var keys = (await parts.Tenants.ResolveAsync(new Tenancy("acme", "web"), default))!.Value;
        await parts.Replacements.AddAsync(keys, "rep_gone", new(Named, new("fake", "slow-1"),
            ReplacementReason.Gone, new(0.7, 0, 1, 0, 0.6), null, now), default);
        memory.Replace(await parts.Replacements.StandingAsync(default));
        told = await ExplainAsync("""{"model":"reasoning"}""");
        Assert.Equal("fake/fake-1", Text(told, "replaced"));
        Assert.Equal(["fake/slow-1 1", "fake/fake-1 2"], Candidates(told));
        var chain = told.GetProperty("chain");
        Assert.False(chain[0].TryGetProperty("passed_over", out _));
        Assert.Equal("AEGIS2425", Text(chain[1].GetProperty("passed_over"), "code"));
    }

    [Fact]
    public async Task AFilter_IsScored_WithTheParts_AndTheSameSeedMakesTheSame()
    {
        const string Call = """
            {"model":"auto","task_type":"coding","prompt":"é","max_tokens":9,"seed":"18446744073709551615"}
            """;
        var told = await ExplainAsync(Call);
        Assert.Equal(("scored", "coding", "18446744073709551615"),
            (Text(told, "mode"), Text(told, "task_type"), Text(told, "seed")));
        var best = told.GetProperty("candidates")[0];
        foreach (var part in new[] { "score", "quality", "quality_mean", "quality_deviation", "evidence",
            "latency", "expected_ms", "cost", "expected_usd", "availability" })
        {
            Assert.True(best.GetProperty(part).GetDouble() >= 0, part);
        }
        Assert.Equal(Scores(told), Scores(await ExplainAsync(Call)));
        var other = Call.Replace("615", "614", StringComparison.Ordinal);
        Assert.NotEqual(Scores(told), Scores(await ExplainAsync(other)));
        told = await ExplainAsync("""{"model":"extraction","images":1,"tools":true,"json_schema":true}""");
        Assert.Equal(["fake/fake-1 1"], Candidates(told));
        told = await ExplainAsync("""{"model":"extraction","prompt_tokens":100000}""");
        Assert.Equal(("context", "AEGIS2373"), (Text(told.GetProperty("candidates")[0], "filtered"),
            Text(told.GetProperty("error"), "code")));
    }

    [Fact]
    public async Task ABudget_IsJudgedByWhatIsLeft_AndNothingIsCounted()
    {
        await room.ProfileAsync(Profile + "policies: { quotas: { usd_total: 0.001 } }");
        for (var i = 0; i < 2; i++)
        {
            var told = await ExplainAsync("""{"model":"auto","prompt_tokens":10,"max_tokens":300}""");
            Assert.Equal(0.001m, told.GetProperty("budget_left_usd").GetDecimal());
            Assert.Equal(["fake/fake-1 1", "fake/slow-1 - budget"], Candidates(told));
        }
    }

    [Fact]
    public async Task AnEmbeddingAlias_AndANameOfNobody()
    {
        Assert.Equal(["fake/fake-1 1"], Candidates(await ExplainAsync("""{"model":"embedding"}""")));
        Assert.Equal(2, Candidates(
            await ExplainAsync("""{"model":"auto","kind":"embedding"}""")).Count());
        Assert.Equal("AEGIS2320",
            Text((await ExplainAsync("""{"model":"coding"}""")).GetProperty("error"), "code"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"model":""}""")]
    [InlineData("""{"model":"auto","prompt":"a","prompt_tokens":1}""")]
    [InlineData("""{"model":"auto","prompt_tokens":10000001}""")]
    [InlineData("""{"model":"auto","max_tokens":10000001}""")]
    [InlineData("""{"model":"auto","max_tokens":0}""")]
    [InlineData("""{"model":"auto","images":1001}""")]
    [InlineData("""{"model":"auto","kind":"video"}""")]
    [InlineData("""{"model":"auto","seed":"18446744073709551616"}""")]
    [InlineData("""{"model":"auto","seed":"x"}""")]
    public async Task OutOfBounds_IsRefused(string body)
    {
        var (status, problem, _) = await room.Server.SendAsync("POST", "/v1/routing/explain", body);
        Assert.Equal((HttpStatusCode.BadRequest, "AEGIS6030"), (status, Text(problem, "code")));
    }

    [Fact]
    public async Task AtTheBounds_ItIsExplained()
    {
        await ExplainAsync(
            """{"model":"auto","prompt_tokens":10000000,"max_tokens":10000000,"images":1000}""");
        var scopeless = await room.Server.KeyAsync("acme", "runs:read");
        var (status, _, _) = await room.Server.SendAsync(
            "POST", "/v1/routing/explain", """{"model":"auto"}""", scopeless);
        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Theory]
    [InlineData(199, 200, 0)] // with the catalogue's own model
    [InlineData(200, 200, 1)]
    public async Task Candidates_AreShownToABound(int priced, int shown, int leftOut)
    {
        await room.PriceAsync(priced);
        var told = await ExplainAsync("""{"model":"auto"}""");
        Assert.Equal((shown, leftOut), (told.GetProperty("candidates").GetArrayLength(),
            told.GetProperty("left_out").GetInt32()));
    }

    [Fact]
    public async Task CommandLine_ShowsTheChain_TheTable_AndWhatIsWrong()
    {
        var (exit, said, _) = await room.Server.AegisAsync(["models", "route", "reasoning"]);
        Assert.Equal((0, "fake/fake-1\nfake/slow-1\n"), (exit, said.ReplaceLineEndings("\n")));
        (exit, said, _) = await room.Server.AegisAsync(["models", "route", "--explain", "--task", "coding",
            "--prompt-tokens", "10", "--max-tokens", "10", "--seed", "5"]);
        Assert.Equal(0, exit);
        Assert.Matches(@"^auto for coding: scored, seed 5, at 20\d\d-", said);
        Assert.Matches(@"(?m)^1 +fake/\S+ +0\.\d{3} +0\.\d{3} \(0\.\d{3} ± 0\.\d{3}, 0\.0\)"
            + @" +0\.\d{3} \(\d+ ms\) +0\.\d{3} \(\$0\.\d{6}\) +0\.\d{3}", said);
        (exit, said, _) = await room.Server.AegisAsync(["models", "route", "reasoning", "--json"]);
        Assert.Equal((0, "ordered"), (exit, Text(JsonElement.Parse(said), "mode")));
        (exit, said, var error) = await room.Server.AegisAsync(
            ["models", "route", "extraction", "--explain", "--prompt-tokens", "100000"]);
        Assert.Equal(1, exit);
        Assert.Matches(@"(?m)^- +fake/fake-1 +its context of 100000 tokens may not hold", said);
        Assert.Contains("AEGIS2373", error, StringComparison.Ordinal);
        room.Server.Server.Parts.Engine!.ModelMemory.Breakers("acme").Report(
            Named, 0, BreakerVerdict.Gone, null, TimeProvider.System.GetUtcNow());
        (exit, said, _) = await room.Server.AegisAsync(["models", "route", "reasoning"]);
        Assert.Equal(0, exit);
        Assert.Matches(@"^fake/fake-1  passed over: AEGIS2425: ", said);
        (exit, said, _) = await room.Server.AegisAsync(["models", "route", "reasoning", "--explain"]);
        Assert.Matches(@"(?m)^1 +fake/fake-1 .*passed over: fake has no model", said);
    }

    private async Task<JsonElement> ExplainAsync(string body)
    {
        var (status, told, _) = await room.Server.SendAsync("POST", "/v1/routing/explain", body);
        Assert.True(status == HttpStatusCode.OK, told.GetRawText());
        return told;
    }

    private static IEnumerable<string> Candidates(JsonElement told) => told.GetProperty("candidates")
        .EnumerateArray().Select(c => $"{Text(c, "provider")}/{Text(c, "model")} "
            + (c.TryGetProperty("rank", out var rank) ? rank.GetRawText() : $"- {Text(c, "filtered")}"));

    private static string Scores(JsonElement told) => string.Join(' ', told.GetProperty("candidates")
        .EnumerateArray().Select(c => c.GetProperty("score").GetRawText()));

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();
}
