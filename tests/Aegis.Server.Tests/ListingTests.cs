using System.Net;
using System.Text;
using System.Text.Json;
using Aegis.Client;
using Aegis.Core;
using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Aegis.Server.OpenApi;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Every list comes in pages, without gap or repeat.</summary>
[Collection(ServerGroup.Name)]
public sealed class ListingTests(ServerFixture server)
{
    [Fact]
    public void EveryList_TakesLimitAndCursor()
    {
        var lists = server.Server.Endpoints.Endpoints
            .Select(e => e.Metadata.GetMetadata<DescribedDoor>()?.Description)
            .Where(d => d?.OperationId.StartsWith("list", StringComparison.Ordinal) == true
                && d.OperationId is not ("listRunEvents" or "listAffectedTasks")).ToList();
        Assert.True(lists.Count >= 14, $"{lists.Count} lists");
        Assert.All(lists, d => Assert.Equal(["cursor", "limit"], d!.Parameters.Select(p => p.Name)
            .Where(n => n is "cursor" or "limit").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("/v1/workflows", "name")]
    [InlineData("/v1/webhooks", "webhook_id")]
    [InlineData("/v1/webhooks/wh_paged/deliveries", "delivery_id")]
    [InlineData("/v1/secrets", "name")]
    [InlineData("/v1/repos", "name")]
    [InlineData("/v1/keys", "key_id")]
    [InlineData("/v1/tools", "name")]
    [InlineData("/v1/artifacts", "artifact_id")]
    [InlineData("/v1/projects", "id")]
    [InlineData("/v1/tenants", "id")]
    public async Task List_ByPages_IsTheWholeList(string path, string id)
    {
        var tenant = $"paged-{path.Split('/')[^1]}";
        await FillAsync(await server.Ledger.CreateProjectAsync(new Tenancy(tenant, "web")), tenant);
        var key = await server.KeyAsync(tenant,
            path is "/v1/tenants" or "/v1/projects" ? null : "web", "admin:*", "operator:tenants");
        var whole = await ItemsAsync($"{path}?limit=200", key, id);
        Assert.True(whole.Count >= 5, $"{path}: {whole.Count}");
        Assert.Equal(whole, await PagesAsync($"{path}?limit=2", key, id));
        Assert.Equal(whole, await PagesAsync($"{path}?limit={whole.Count - 1}", key, id));
        var (full, all) = await server.SendAsync("GET", $"{path}?limit={whole.Count}", key);
        Assert.Equal((HttpStatusCode.OK, false), (full, all.TryGetProperty("next", out _)));
    }

    [Fact]
    public async Task Runs_AreFiltered_AndTheNextPageKeepsTheFilter()
    {
        var keys = await server.Ledger.CreateProjectAsync(new Tenancy("acme", "filtered"));
        var key = await server.KeyAsync("acme", "filtered", "runs:read");
        var runs = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            runs.Insert(0, await server.Seed.RunAsync(keys, at: Seed.At.AddMinutes(i)));
            await server.Ledger.ExecuteAsync(
                "UPDATE runs_read SET name = $2, plan_id = $3, actor = $4 WHERE run_id = $1",
                runs[0], i % 2 == 0 ? "even" : "odd", $"plan_{i / 3}", i == 4 ? "key:b" : "key:a");
        }
        string At(int minute) => Seed.At.AddMinutes(minute).UtcDateTime.ToString("O");
        foreach (var (filter, expected) in new (string, int[])[]
        {
            ("name=even", [4, 2, 0]), ("plan=plan_0", [2, 1, 0]), ("actor=key%3Ab", [4]),
            ($"created_after={At(3)}", [4, 3]), ($"created_before={At(3)}", [2, 1, 0]),
            ($"created_after={At(1)}&created_before={At(4)}&name=odd", [3, 1]), ("name=none", []),
        })
        {
            Assert.Equal(expected.Select(i => runs[4 - i]),
                await PagesAsync($"/v1/runs?limit=1&{filter}", key, "run_id"));
        }
        Assert.Equal(HttpStatusCode.BadRequest,
            (await server.SendAsync("GET", "/v1/runs?created_after=yesterday", key)).Status);
    }

    [Theory]
    [InlineData(10_000, false)]
    [InlineData(10_001, true)]
    public async Task Client_GathersPages_AsFarAsItsLimit(int there, bool more)
    {
        using var pages = new PagesOf(there);
        using var http = new HttpClient(pages);
        using var client = new AegisClient(http, new Uri("http://127.0.0.1:1"), "key");
        var found = await client.ListSecretsAsync();
        Assert.Equal((AegisClient.ListedMax, more), (found.Items.Count, found.Next is not null));
    }

    private async Task FillAsync(TenancyKeys keys, string tenant)
    {
        var parts = server.Server.Parts;
        var of = new Tenancy(tenant, "web");
        var bound = await server.KeyAsync(tenant, "web", "admin:*");
        for (var i = 0; i < 5; i++)
        {
            await server.KeyAsync(tenant, "web", "runs:read");
            await server.Ledger.CreateProjectAsync(new Tenancy(tenant, $"p{i}"));
            await server.Ledger.CreateProjectAsync(new Tenancy($"{tenant}-{i}", "web"));
            await parts.Secrets.SetAsync(of, keys, $"s{i}", "v", "key:a", default);
            await parts.Workflows.PutAsync(keys, new NewWorkflow(
                $"w{i}", "plan_w", "h", "key:a", [], [new ApiTrigger()], null, null), default);
            await server.PutArtifactAsync(tenant, $"a{i}", $"a{i}.md", "text");
            await server.SendAsync("POST", "/v1/repos", bound, $$"""{"id":"r{{i}}"}""");
            var hook = i == 0 ? "wh_paged" : $"wh_{tenant}{i}";
            await parts.Webhooks.AddAsync(
                keys, hook, "https://example.com", ["run.failed"], "s0", "key:a", default);
            // all at one instant: the cursor must tell them apart by id
            await server.Ledger.ExecuteAsync("""
                INSERT INTO webhook_deliveries (tenant_key, project_key, delivery_id, webhook_id, event,
                  run_id, body, status, created_at)
                VALUES ($1, $2, $3, 'wh_paged', 'run.failed', 'r', '{}', 'dead', $4)
                """, keys.Tenant, keys.Project, $"msg_{tenant}{i}", Seed.At);
        }
    }

    private async Task<List<string>> ItemsAsync(string path, string key, string id)
    {
        var (status, page) = await server.SendAsync("GET", path, key);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {page}");
        return [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(id).GetString()!)];
    }

    /// <summary>Follows the header Link, which says what <c>next</c> says.</summary>
    private async Task<List<string>> PagesAsync(string path, string key, string id)
    {
        var seen = new List<string>();
        for (string? at = path; at is not null;)
        {
            using var request = server.Request("GET", at, key);
            using var reply = await server.Http.SendAsync(request);
            var page = JsonElement.Parse(await reply.Content.ReadAsStringAsync());
            seen.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(i => i.GetProperty(id).GetString()!));
            var link = reply.Headers.TryGetValues("Link", out var links) ? links.Single() : null;
            at = link?[1..link.IndexOf('>', StringComparison.Ordinal)];
            Assert.Equal(page.TryGetProperty("next", out var next), at is not null);
            if (at is not null)
            {
                Assert.EndsWith("; rel=\"next\"", link, StringComparison.Ordinal);
                Assert.Contains($"cursor={next.GetString()}", at, StringComparison.Ordinal);
            }
        }
        return seen;
    }

    /// <summary>A server of so many secrets.</summary>
    private sealed class PagesOf(int there) : HttpMessageHandler
    {
        private int sent;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var items = Enumerable.Range(sent, Math.Min(200, there - sent)).Select(i =>
                $$"""{"name":"s{{i}}","version":1,"fingerprint":"f","updated_at":"2026-01-01T00:00:00Z"}""");
            var body = $"{{\"items\":[{string.Join(',', items)}]";
            sent = Math.Min(there, sent + 200);
            body += sent < there ? $",\"next\":\"c{sent}\"}}" : "}";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            });
        }
    }
}
