using System.Net;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.Tenants;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Verdicts come in, and what is learned is shown and taken back, by doors and command
/// line.</summary>
[Collection(ServerGroup.Name)]
public sealed class LearningDoorTests(ServerFixture server)
{
    private static readonly ModelKey Small = new("here", "small");

    [Fact]
    public async Task Verdict_IsTakenOnce_AndOthersCallsAreNotThere()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await CalledAsync(server.AcmeKeys, run, 1, Use("small"));
        await CalledAsync(server.AcmeKeys, run, 2);
        var (status, judged) = await JudgeAsync($"{run}.build.1", "auditor", "0.5");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal($$"""
            {"call_id":"{{run}}.build.1",
            "models":[{"task_type":"coding","provider":"here","model":"small"}]}
            """.ReplaceLineEndings(""),
            judged.GetRawText());
        await RefusedAsync(HttpStatusCode.Conflict, "AEGIS2346", $"{run}.build.1", "auditor", "1");
        await RefusedAsync(HttpStatusCode.Conflict, "AEGIS2345", $"{run}.build.2", "auditor", "1");
        await RefusedAsync(HttpStatusCode.NotFound, "AEGIS6020", $"{run}.build.3", "auditor", "1");
        await RefusedAsync(HttpStatusCode.NotFound, "AEGIS6020", "no such", "auditor", "1");
        var (theirs, _) = await server.SendAsync("POST", "/v1/routing/verdicts", server.RivalKey,
            $$"""{"call_id":"{{run}}.build.1","kind":"auditor","value":1}""");
        Assert.Equal(HttpStatusCode.NotFound, theirs);
        Assert.Equal(1L, await server.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM model_verdicts WHERE subject = $1", $"{run}.build.1"));
    }

    [Theory]
    [InlineData("schema_valid", "1")] // the platform's own
    [InlineData("mood", "1")]
    [InlineData("auditor", "1.01")]
    [InlineData("auditor", "-0.01")]
    [InlineData("auditor", "\"1\"")]
    public Task Verdict_OutOfBounds_IsRefused(string kind, string value) =>
        RefusedAsync(HttpStatusCode.BadRequest, "AEGIS6030", "run_a.b.1", kind, value);

    [Fact]
    public async Task Verdict_WhoseValueIsNoNumber_IsToldSo() => Assert.Contains("value has the wrong type",
        (await JudgeAsync("run_a.b.1", "auditor", "\"1\"")).Body.GetProperty("detail").GetString()!,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public Task Verdict_AtABound_IsReadToItsEnd(string value) =>
        RefusedAsync(HttpStatusCode.NotFound, "AEGIS6020", "run_a.b.1", "tests_passed", value);

    [Fact]
    public async Task Learned_IsWhatTheTenantsOwnCallsTold()
    {
        var (keys, key) = await ProjectAsync("learned");
        var memory = server.Engine.ModelMemory;
        var now = TimeProvider.System.GetUtcNow();
        memory.Learn([
            new ModelVerdict("learned", "coding", Small, VerdictKind.TestsPassed, 1, now),
            new ModelCallSettled("learned", "coding", Small, CallOutcome.Answered,
                TimeSpan.FromMilliseconds(400), 50, now),
            new ModelCallSettled("learned", "coding", new("here", "mute"), CallOutcome.TimedOut,
                TimeSpan.FromSeconds(9), 0, now),
            new ModelVerdict("others", "coding", new("here", "secret"), VerdictKind.TestsPassed, 1, now)]);
        memory.Breakers(null).Report(Small, 0, BreakerVerdict.Gone, null, now);
        memory.Replace(new Dictionary<Tenancy, Core.Routing.Replacements.ModelReplacements>
        {
            [new("learned", "web")] = Core.Routing.Replacements.ModelReplacements.None.With(new(Small,
                new("there", "peer"), Core.Routing.Replacements.ReplacementReason.Gone,
                new(0.7, 0, 1, 0, 0.6, null), null, now)),
        });
        var (status, page) = await server.SendAsync("GET", "/v1/routing/models", key);
        Assert.Equal(HttpStatusCode.OK, status);
        var items = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["here/mute", "here/small"],
            items.Select(i => $"{i.GetProperty("provider")}/{i.GetProperty("model")}"));
        Assert.False(items[0].TryGetProperty("quality", out _));
        Assert.True(items[0].GetProperty("availability").GetDouble()
            < items[1].GetProperty("availability").GetDouble());
        Assert.InRange(items[1].GetProperty("quality").GetDouble(), 0.6, 1);
        Assert.Equal(("open", "gone", "there/peer"), (items[1].GetProperty("breaker").GetString(),
            items[1].GetProperty("breaker_cause").GetString(),
            items[1].GetProperty("answered_by").GetString()));
        var (_, first) = await server.SendAsync("GET", "/v1/routing/models?limit=1", key);
        var (_, rest) = await server.SendAsync("GET",
            $"/v1/routing/models?limit=1&cursor={first.GetProperty("next")}", key);
        Assert.Equal(items[1].GetRawText()[..60],
            Assert.Single(rest.GetProperty("items").EnumerateArray()).GetRawText()[..60]);
        var (exit, said) = await server.AegisWithKeyAsync(
            key, "", "models", "learned", "--task-type", "coding");
        Assert.Equal(0, exit);
        Assert.Matches(@"(?m)^coding +here/small +0\.\d\d ± 0\.\d\d +\S+ +\d+ +\S+ +open +there/peer", said);
        Assert.DoesNotContain("mute", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replacements_AreListed_AndTakenBack()
    {
        var (keys, key) = await ProjectAsync("replaced");
        await server.Seed.ReplacementAsync(keys, "rep_1");
        await server.Seed.ReplacementAsync(keys, "rep_2", "vast", Seed.At.AddDays(1));
        var (exit, said) = await server.AegisWithKeyAsync(key, "", "models", "replacements", "list");
        Assert.Equal(0, exit);
        Assert.Matches(@"(?m)^rep_2 +here/vast +there/small +all +gone +0\.70 +0\.00 .*\nrep_1 ", said);
        Assert.Equal(0,
            (await server.AegisWithKeyAsync(key, "", "models", "replacements", "undo", "rep_1")).Exit);
        Assert.Equal(6,
            (await server.AegisWithKeyAsync(key, "", "models", "replacements", "undo", "rep_1")).Exit);
        var (_, page) = await server.SendAsync("GET", "/v1/routing/replacements", key);
        Assert.Equal(["rep_2 True", "rep_1 False"], page.GetProperty("items").EnumerateArray().Select(i =>
            $"{i.GetProperty("replacement_id")} {!i.TryGetProperty("undone_by", out _)}"));
        Assert.Equal(1L, await server.Ledger.ScalarAsync<long>("SELECT count(*) FROM secret_facts WHERE "
            + "tenant_key = $1 AND stream_id = 'models/stand-ins' AND type = 'StandInEnded'", keys.Tenant));
    }

    [Fact]
    public async Task CommandLine_Judges()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await CalledAsync(server.AcmeKeys, run, 1, Use("small"), Use("large"), Use("large"));
        var (exit, said) = await server.AegisAsync("", "models", "judge", $"{run}.build.1", "--kind",
            "user_approval", "--value", "0.75");
        Assert.Equal((0, "judged here/small, here/large"), (exit, said.Trim()));
        Assert.Equal(2L, await server.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM model_verdicts WHERE subject = $1 AND value = 0.75", $"{run}.build.1"));
    }

    private async Task<(TenancyKeys Keys, string Key)> ProjectAsync(string tenant) => (
        await server.Ledger.CreateProjectAsync(new Tenancy(tenant, "web")),
        await server.KeyAsync(tenant, "web", "runs:read", "profile:write"));

    private async Task CalledAsync(TenancyKeys keys, string run, int number, params ModelUse[] uses) =>
        await server.Seed.EventAsync(keys, run, nameof(ToolReturned), Encoding.UTF8.GetString(
            RunEventCodec.Encode(new ToolReturned("build", number, $"{run}.build.{number}", "llm.chat",
                "pure", true, null, null, 0, 1, null, null, false, Models: [.. uses]))));

    private static ModelUse Use(string model) => new("auto", "coding", null, "here", model, "live",
        ModelUse.Answered, new ModelTokens(1, 1), 0, 0, 1);

    private Task<(HttpStatusCode Status, JsonElement Body)> JudgeAsync(
        string call, string kind, string value) => server.SendAsync("POST", "/v1/routing/verdicts",
        server.AcmeKey, $$"""{"call_id":"{{call}}","kind":"{{kind}}","value":{{value}}}""");

    private async Task RefusedAsync(
        HttpStatusCode status, string code, string call, string kind, string value)
    {
        var (answered, problem) = await JudgeAsync(call, kind, value);
        Assert.Equal((status, code), (answered, problem.GetProperty("code").GetString()));
    }
}
