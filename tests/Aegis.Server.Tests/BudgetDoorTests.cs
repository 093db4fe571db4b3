using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>What is spent and left of a key's limits, over HTTP and by the command line, against the whole
/// product.</summary>
[Collection(RealServerGroup.Name)]
public sealed class BudgetDoorTests(RealServer server)
{
    private const string Profile = """
        rehearsal: words.yaml
        providers: { house: { base_url: "http://127.0.0.1:9/v1" } }
        models: { reasoning: { provider: house, model: m } }
        policies:
          quotas:
            usd_month: 1.5
            tokens_total: 5_000
            calls_day: 100
            each_user: { usd_day: 0.5 }
        """;

    private const string Rehearsal = """
        origin: scripted
        turns: [{ reply: hello, input_tokens: 12, output_tokens: 3, cost_usd: 0.0004 }]
        """;

    [Fact]
    public async Task Budgets_ShowWhatACallSpent_AndWhatIsLeft()
    {
        var (key, other) = await TenantAsync("budgeted");
        Assert.Empty(await ListAsync(key));
        await StoreAsync(key);
        var id = await server.UntilAsync("""
            SELECT key_id FROM api_keys JOIN tenants USING (tenant_key) WHERE tenant_id = $1
            ORDER BY api_keys.created_at LIMIT 1
            """, "budgeted");
        Assert.Equal(
        [
            "project web day calls 100 0 0 100", "project web total tokens 5000 0 0 5000",
            "project web month usd 1.5 0 0 1.5", $"user web/key:{id} day usd 0.5 0 0 0.5",
        ], Told(await ListAsync(key)));

        var (status, call, _) = await server.SendAsync(
            "POST", "/v1/tools/llm.chat:invoke", """{"input":{"prompt":"hi"}}""", key);
        Assert.Equal((HttpStatusCode.OK, "succeeded"), (status, call.GetProperty("status").GetString()));
        Assert.Equal(
        [
            "project web day calls 100 1 0 99", "project web total tokens 5000 15 0 4985",
            "project web month usd 1.5 0.0004 0 1.4996", $"user web/key:{id} day usd 0.5 0.0004 0 0.4996",
        ], Told(await ListAsync(key)));
        // another caller of the project shares its limits, and has its own
        Assert.Equal(["1.5 0.0004", "0.5 0"], (await ListAsync(other))
            .Where(b => b.GetProperty("unit").GetString() == "usd")
            .Select(b => $"{b.GetProperty("limit")} {b.GetProperty("spent")}"));
        var ends = (await ListAsync(key)).Select(b => b.TryGetProperty("ends_at", out var at)
            ? at.GetDateTimeOffset() : (DateTimeOffset?)null).ToList();
        Assert.All(ends, at => Assert.True(at is null || at > TimeProvider.System.GetUtcNow()));
        Assert.Single(ends, at => at is null);
        var (_, foreign) = await TenantAsync("unbudgeted");
        Assert.Empty(await ListAsync(foreign));
    }

    [Fact]
    public async Task Commands_ShowTheSame_AsATableAndAsJson()
    {
        var (key, _) = await TenantAsync("budgetcli");
        await StoreAsync(key);
        var (exit, table, error) = await server.AegisAsync(["budgets"], key);
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("HOLDER", table, StringComparison.Ordinal);
        Assert.Contains("tokens", table, StringComparison.Ordinal);
        var (_, json, _) = await server.AegisAsync(["budgets", "--json"], key);
        Assert.Equal(4, JsonElement.Parse(json).GetProperty("items").GetArrayLength());
    }

    /// <summary>A limit of nothing refuses every call, and says until when.</summary>
    [Fact]
    public async Task Tokens_OfNobody_RefuseEveryCall()
    {
        var (key, _) = await TenantAsync("penniless");
        await StoreAsync(key, Profile.Replace("5_000", "0", StringComparison.Ordinal));
        var (status, problem, _) = await server.SendAsync(
            "POST", "/v1/tools/llm.chat:invoke", """{"input":{"prompt":"hi"}}""", key);
        Assert.Equal((HttpStatusCode.TooManyRequests, "AEGIS2508"),
            (status, problem.GetProperty("code").GetString()));
    }

    /// <summary>Many at once spend what there is and no more.</summary>
    [Fact]
    public async Task CallsAtOnce_SpendTheMonthToItsEnd_AndNoMore()
    {
        var (key, _) = await TenantAsync("hurried");
        await StoreAsync(key, Profile.Replace("1.5", "0.0041", StringComparison.Ordinal));
        var ends = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ => (await server.SendAsync(
            "POST", "/v1/tools/llm.chat:invoke", """{"input":{"prompt":"hi"}}""", key)).Body));
        Assert.Equal(10, ends.Count(e => e.GetProperty("status").GetString() == "succeeded"));
        Assert.All(ends.Where(e => e.GetProperty("status").GetString() != "succeeded"),
            e => Assert.Equal("AEGIS2370", e.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("project web month usd 0.0041 0.004 0 0.0001", Told(await ListAsync(key)));
    }

    /// <summary>Steps at once each see the whole rest of their run's cap; together they keep it.</summary>
    [Fact]
    public async Task StepsAtOnce_KeepTheirRunsCapTogether()
    {
        var (key, _) = await TenantAsync("capped");
        await StoreAsync(key);
        var workflow = "name: w\npolicy: { max_cost_usd: 0.001 }\nsteps:\n"
            + "  - { id: list, uses: flow.noop, with: { value: \"[1,2,3,4,5,6]\" } }\n"
            + "  - id: all\n    uses: llm.chat\n    foreach: \"${{ fromJSON(steps.list.output) }}\"\n"
            + "    with: { prompt: hi }\n";
        var (started, run, _) = await server.SendAsync(
            "POST", "/v1/runs", JsonSerializer.Serialize(new { workflow }), key);
        Assert.True(started == HttpStatusCode.Accepted, run.ToString());
        var facts = await server.EndedAsync(run.GetProperty("run_id").GetString()!, key);
        var returned = facts.Where(f => f.GetProperty("type").GetString() == "ToolReturned")
            .Select(f => f.GetProperty("payload"))
            .Where(p => p.GetProperty("tool").GetString() == "llm.chat").ToList();
        Assert.Equal(2, returned.Count(r => r.GetProperty("ok").GetBoolean()));
        Assert.Equal(0.0008m, returned.Sum(
            r => r.TryGetProperty("cost_usd", out var cost) ? cost.GetDecimal() : 0));
        Assert.DoesNotContain("BudgetExceeded", facts.Select(f => f.GetProperty("type").GetString()));
    }

    private static IEnumerable<string> Told(IEnumerable<JsonElement> budgets) => budgets.Select(b =>
        string.Join(' ', new[] { "scope", "holder", "period", "unit", "limit", "spent", "held", "left" }
            .Select(m => b.GetProperty(m).ToString())));

    private async Task<IReadOnlyList<JsonElement>> ListAsync(string key)
    {
        var (status, found, _) = await server.SendAsync("GET", "/v1/budgets", null, key);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. found.GetProperty("items").EnumerateArray()];
    }

    private async Task<(string Key, string Other)> TenantAsync(string name)
    {
        await server.ProjectAsync(new Tenancy(name, "web"));
        return (await server.KeyAsync(name, "admin:*"), await server.KeyAsync(name, "admin:*"));
    }

    private async Task StoreAsync(string key, string yaml = Profile)
    {
        var files = new Dictionary<string, string> { ["words.yaml"] = Rehearsal };
        var (status, _, _) = await server.SendAsync(
            "PUT", "/v1/profile", JsonSerializer.Serialize(new { yaml, files }), key);
        Assert.Equal(HttpStatusCode.OK, status);
    }
}
