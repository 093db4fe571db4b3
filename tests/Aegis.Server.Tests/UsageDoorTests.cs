using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>What calls to models used and cost, as doors and the command line show it.</summary>
[Collection(ServerGroup.Name)]
public sealed class UsageDoorTests(ServerFixture server)
{
    [Theory]
    [InlineData("run", "run_b 2.0 run_a 1.100000000001")]
    [InlineData("task", "run_b.ask 2.0 run_a.ask 1.0 run_a.tell 0.100000000001")]
    [InlineData("agent", "builder 2.0  1.100000000001")]
    [InlineData("model", "here/large 2.0 here/small 1.100000000001")]
    [InlineData("provider", "here 3.100000000001")]
    [InlineData("day", "2026-01-02 3.0 2026-01-05 0.100000000001")]
    [InlineData("key", "key:b 2.0 key:a 1.100000000001")]
    public async Task Sums_ByAnything_AreExact_AndOthersAreNotAmongThem(string by, string expected)
    {
        var (_, key) = await ProjectAsync($"by-{by}");
        var items = await ItemsAsync($"by={by}", key);
        Assert.Equal(expected, string.Join(' ', items.Select(i => i.GetProperty("name").GetString() + " "
            + Money(i.GetProperty("cost_usd")))));
    }

    [Theory]
    [InlineData("from=2026-01-05", "0.100000000001")]
    [InlineData("to=2026-01-02", "3.0")]
    [InlineData("from=2026-01-02&to=2026-01-04&run=run_a", "1.0")]
    [InlineData("from=2026-01-02&to=2026-01-05", "3.100000000001")]
    [InlineData("run=run_none", "")]
    public async Task Filters_TakeBothDays_AndARun(string query, string cost)
    {
        var (_, key) = await ProjectAsync("filtered");
        var items = await ItemsAsync($"by=provider&{query}", key);
        Assert.Equal(cost, string.Join(' ', items.Select(i => Money(i.GetProperty("cost_usd")))));
    }

    [Fact]
    public async Task Item_HasCountsTokensAndRates()
    {
        var (keys, key) = await ProjectAsync("whole");
        await server.Seed.UsageAsync(keys, "run_c", "ask", "whole", 0, calls: 5, origin: "cached");
        await server.Seed.UsageAsync(keys, "run_c", "ask", "whole", 1, calls: 5);
        var item = Assert.Single(await ItemsAsync("run=run_c", key));
        Assert.Equal("""
            {"name":"here/whole","calls":10,"answered":8,"failed":2,"aborted":0,"tries":4,"cached_answers":4,
            "answer_hit_rate":0.5,"input_tokens":2000,"output_tokens":400,"cached_tokens":500,
            "cache_write_tokens":20,"reasoning_tokens":100,"prompt_hit_rate":0.25,"cost_usd":1,
            "saved_usd":0.25,"mean_ms":1.6,"mean_first_token_ms":0.5}
            """.ReplaceLineEndings(""), item.GetRawText());
    }

    [Fact]
    public async Task Pages_AreTheWholeList()
    {
        var (keys, key) = await ProjectAsync("pages");
        for (var i = 0; i < 7; i++)
        {
            await server.Seed.UsageAsync(keys, $"run_{i}", "ask", "m/with slash \u00e9", i % 2);
        }
        var whole = (await ItemsAsync("by=run&limit=200", key)).Select(Name).ToList();
        Assert.Equal(9, whole.Count);
        var paged = new List<string?>();
        for (string? next = null; paged.Count == 0 || next is not null;)
        {
            var (_, page) = await server.SendAsync("GET", "/v1/routing/usage?by=run&limit=2"
                + (next is null ? "" : $"&cursor={next}"), key);
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(Name));
            next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
        }
        Assert.Equal(whole, paged);
    }

    [Theory]
    [InlineData("by=month")]
    [InlineData("from=yesterday")]
    [InlineData("to=2026-02-30")]
    [InlineData("since=7d")]
    [InlineData("cursor=cnVu")]
    public async Task Query_ThatSaysNothing_IsRefused(string query) => Assert.Equal(HttpStatusCode.BadRequest,
        (await server.SendAsync("GET", $"/v1/routing/usage?{query}", server.AcmeKey)).Status);

    [Fact]
    public async Task CommandLine_ShowsThem()
    {
        var (_, key) = await ProjectAsync("shown");
        var (exit, said) = await server.AegisWithKeyAsync(key, "", "models", "usage", "--by", "task");
        Assert.Equal(0, exit);
        Assert.Matches(@"(?m)^TASK +CALLS +FAILED +IN +CACHED +OUT +COST \$ +SAVED \$ +MS", said);
        Assert.Matches(@"(?m)^run_a\.tell +4 +1 +1000 +25 ?% +200 +0\.100000000001 ", said);
        var (_, json) = await server.AegisWithKeyAsync(
            key, "", "models", "usage", "--run", "run_b", "--since", "2026-01-01", "--json");
        Assert.Equal("here/large", JsonElement.Parse(json).GetProperty("items")[0].GetProperty("name")
            .GetString());
        var (_, none) = await server.AegisWithKeyAsync(
            key, "", "models", "usage", "--since", "2026-01-06", "--json");
        Assert.Equal(0, JsonElement.Parse(none).GetProperty("items").GetArrayLength());
        Assert.Equal(2, (await server.AegisWithKeyAsync(key, "", "models", "usage", "--by", "mood")).Exit);
    }

    private async Task<(TenancyKeys Keys, string Key)> ProjectAsync(string name)
    {
        var tenancy = new Tenancy($"usage-{name}", "web");
        var keys = await server.Ledger.Tenants.ResolveAsync(tenancy, default)
            ?? await server.Ledger.CreateProjectAsync(tenancy);
        await server.Ledger.ExecuteAsync(
            "DELETE FROM model_usage WHERE tenant_key = $1 AND project_key = $2", keys.Tenant, keys.Project);
        await server.Seed.UsageAsync(keys, "run_a", "ask", "small", 1);
        await server.Seed.UsageAsync(keys, "run_a", "tell", "small", 0.100000000001m, day: "2026-01-05");
        await server.Seed.UsageAsync(keys, "run_b", "ask", "large", 2, "builder", "key:b");
        return (keys, await server.KeyAsync(tenancy.Tenant, "web", "runs:read"));
    }

    private async Task<List<JsonElement>> ItemsAsync(string query, string key)
    {
        var (status, page) = await server.SendAsync("GET", $"/v1/routing/usage?{query}", key);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    private static string? Name(JsonElement item) => item.GetProperty("name").GetString();

    private static string Money(JsonElement number) => number.GetDecimal()
        .ToString("0.0###########", System.Globalization.CultureInfo.InvariantCulture);
}
