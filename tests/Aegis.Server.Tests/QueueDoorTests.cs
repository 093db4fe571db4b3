using System.Net;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>A queue is its tenant's. A key of a queue sees and answers what waits there, and nothing
/// else.</summary>
[Collection(ServerGroup.Name)]
public sealed class QueueDoorTests(ServerFixture server) : IAsyncLifetime
{
    private readonly string queue = $"q{Guid.NewGuid():N}";

    private string here = "", there = "";
    private TenancyKeys neighbour;

    public async Task InitializeAsync()
    {
        await server.Ledger.CreateProjectAsync(new Tenancy("acme", queue));
        neighbour = (await server.Ledger.Tenants.ResolveAsync(new Tenancy("acme", queue), default))!.Value;
        here = await AskedAsync(server.AcmeKeys, queue, 1);
        there = await AskedAsync(neighbour, queue, 0);
        await AskedAsync(server.AcmeKeys, $"{queue}-other", 2);
        await AskedAsync(server.RivalKeys, queue, 3);
        var unqueued = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.ApprovalAsync(server.AcmeKeys, unqueued, "build");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Queue_IsListedOverTheTenantsProjects_OldestFirst_ByPages()
    {
        var wide = await server.KeyAsync("acme", null, $"queues:{queue}");
        var (status, first) = await server.SendAsync("GET", $"/v1/queues/{queue}?limit=1", wide);
        Assert.Equal(HttpStatusCode.OK, status);
        var (_, second) = await server.SendAsync(
            "GET", $"/v1/queues/{queue}?limit=1&cursor={first.GetProperty("next").GetString()}", wide);
        Assert.False(second.TryGetProperty("next", out var next) && next.GetString() is not null);
        Assert.Equal([(queue, there), ("web", here)], new[] { first, second }.Select(page =>
        {
            var item = page.GetProperty("items").EnumerateArray().Single();
            var approval = item.GetProperty("approval");
            Assert.Equal(queue, approval.GetProperty("queue").GetString());
            return (item.GetProperty("project_id").GetString(),
                approval.GetProperty("run_id").GetString()!);
        }));
        Assert.Equal(0, (await server.SendAsync("GET", $"/v1/queues/{queue}?status=denied", wide)).Body
            .GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Queue_OfAProjectsKey_IsThatProjects()
    {
        var key = await server.KeyAsync("acme", "web", $"queues:{queue}");
        var (_, page) = await server.SendAsync("GET", $"/v1/queues/{queue}", key);
        Assert.Equal(here, page.GetProperty("items").EnumerateArray().Single().GetProperty("approval")
            .GetProperty("run_id").GetString());
    }

    [Fact]
    public async Task Key_OfAQueue_OpensNoOther_AndNoDoorOfApprovals()
    {
        var key = await server.KeyAsync("acme", "web", $"queues:{queue}", "runs:read");
        foreach (var (method, path) in new[]
        {
            ("GET", $"/v1/queues/{queue}-other"), ("GET", "/v1/approvals"),
            ("GET", $"/v1/approvals/{here}.build"), ("POST", $"/v1/approvals/{here}.build:grant"),
            ("POST", $"/v1/queues/{queue}-other/approvals/{here}.build:grant"),
        })
        {
            Assert.True((await server.SendAsync(method, path, key, method == "POST" ? "{}" : null)).Status
                == HttpStatusCode.Forbidden, $"{method} {path}");
        }
        Assert.DoesNotContain(server.Engine.Asked, a => $"{a}".Contains(here, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("grant", true)]
    [InlineData("deny", false)]
    public async Task Answer_IsForThisQueueOnly(string verb, bool granted)
    {
        var key = await server.KeyAsync("acme", "web", $"queues:{queue}");
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync("POST",
            $"/v1/queues/{queue}/approvals/{here}.build:{verb}", key, """{"reason":"a sum"}""")).Status);
        var asked = server.Engine.Asked.OfType<(string, string, string, string, bool, string, string)>()
            .Single(a => a.Item3 == here);
        Assert.Equal((granted, "a sum", queue), (asked.Item5, asked.Item6, asked.Item7));
    }

    [Fact]
    public async Task Answer_OfTheWholeTenant_NeedNameNoProject()
    {
        var wide = await server.KeyAsync("acme", null, $"queues:{queue}");
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync(
            "POST", $"/v1/queues/{queue}/approvals/{there}.build:grant", wide, "{}")).Status);
        Assert.Contains(server.Engine.Asked.OfType<(string, string, string, string, bool, string, string)>(),
            a => a.Item3 == there && a.Item7 == queue);
        var rival = await server.KeyAsync("rival", null, $"queues:{queue}");
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(
            "POST", $"/v1/queues/{queue}/approvals/{here}.build:grant", rival, "{}")).Status);
    }

    [Theory]
    [InlineData("queues:support", true)]
    [InlineData("queues:*", true)]
    [InlineData("queues:", false)]
    [InlineData("queues:-support", false)]
    [InlineData("queues:{queue}", false)]
    public async Task Scope_OfAQueue_HasTheFormOfItsName(string scope, bool good)
    {
        var body = $$"""{"name":"k","scopes":["{{scope}}"],"project":"web"}""";
        Assert.Equal(good ? HttpStatusCode.Created : HttpStatusCode.BadRequest,
            (await server.SendAsync("POST", "/v1/keys", server.AcmeKey, body)).Status);
    }

    private async Task<string> AskedAsync(TenancyKeys keys, string of, int seconds)
    {
        var run = await server.Seed.RunAsync(keys);
        await server.Seed.ApprovalAsync(keys, run, "build", at: Seed.At.AddSeconds(seconds), queue: of);
        return run;
    }
}
