using System.Net;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class WebhookDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Add_ListRedeliverRemove()
    {
        var (status, made) = await AddAsync("""{"url":"https://example.com/h","secret_name":"hook"}""");
        var id = made.GetProperty("webhook_id").GetString()!;
        Assert.Equal((HttpStatusCode.Created, 5), (status, made.GetProperty("events").GetArrayLength()));
        await DeadDeliveryAsync(id, "msg_" + id);

        var (_, dead) = await server.SendAsync(
            "GET", $"/v1/webhooks/{id}/deliveries?status=dead", server.AcmeKey);
        var delivery = dead.GetProperty("items").EnumerateArray().Single();
        Assert.Equal(("dead", 8, 500, "the receiver answered 500"),
            (delivery.GetProperty("status").GetString(),
            delivery.GetProperty("attempts").GetInt32(), delivery.GetProperty("response_code").GetInt32(),
            delivery.GetProperty("last_error").GetString()));
        var path = $"/v1/webhooks/{id}/deliveries/msg_{id}:redeliver";
        var (again, pending) = await server.SendAsync("POST", path, server.AcmeKey);
        Assert.Equal((HttpStatusCode.Accepted, "pending", 0),
            (again, pending.GetProperty("status").GetString(),
            pending.GetProperty("attempts").GetInt32()));
        Assert.Equal(HttpStatusCode.NoContent,
            (await server.SendAsync("DELETE", $"/v1/webhooks/{id}", server.AcmeKey)).Status);
        Assert.Equal(0, await server.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1", id));
    }

    [Theory]
    [InlineData("""{"url":"http://example.com/h","secret_name":"hook"}""", "AEGIS5041")]
    [InlineData("""{"url":"https://127.0.0.1/h","secret_name":"hook"}""", "AEGIS5042")]
    [InlineData("""{"url":"https://example.com/h","secret_name":"a b"}""", "AEGIS6030")]
    [InlineData("""{"url":"https://example.com","secret_name":"h","events":["run.done"]}""", "AEGIS6030")]
    [InlineData("""{"url":"https://example.com/h","secret_name":"hook","events":[]}""", "AEGIS6030")]
    [InlineData("""{"url":"https://example.com/h"}""", "AEGIS6030")]
    public async Task Add_WhatCannotBe_IsRefused(string body, string code) =>
        Assert.Equal(code, (await AddAsync(body)).Body.GetProperty("code").GetString());

    [Fact]
    public async Task Webhooks_AreTakenUpTo50AProject()
    {
        var project = "p" + Guid.NewGuid().ToString("N")[..12];
        var keys = await server.Ledger.CreateProjectAsync(new Core.Tenancy("acme", project));
        await server.Ledger.ExecuteAsync("""
            INSERT INTO webhooks (tenant_key, project_key, webhook_id, url, events, secret_name, actor)
            SELECT $1, $2, 'w' || n, 'https://example.com', '{}', 's', 'a' FROM generate_series(1, 49) n
            """, keys.Tenant, keys.Project);
        var key = await server.KeyAsync("acme", project, "webhooks:*");
        const string Body = """{"url":"https://example.com/h","secret_name":"hook"}""";
        Assert.Equal(HttpStatusCode.Created,
            (await server.SendAsync("POST", "/v1/webhooks", key, Body)).Status);
        var (_, problem) = await server.SendAsync("POST", "/v1/webhooks", key, Body);
        Assert.Equal("AEGIS4052", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task CommandLine_AddsListsAndRedelivers()
    {
        var (exit, id) = await AegisAsync(
            "webhook", "add", "https://example.com/cli", "--secret", "hook", "--event", "run.failed");
        id = id.Trim();
        Assert.Equal(0, exit);
        await DeadDeliveryAsync(id, "msg_cli_" + id);
        var (_, list) = await AegisAsync("webhook", "list");
        Assert.Contains("https://example.com/cli", list, StringComparison.Ordinal);
        var (_, deliveries) = await AegisAsync("webhook", "deliveries", id, "--status", "dead");
        Assert.Contains("the receiver answered 500", deliveries, StringComparison.Ordinal);
        var (_, again) = await AegisAsync("webhook", "redeliver", id, "msg_cli_" + id);
        Assert.Contains("pending", again, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("webhook", "remove", id)).Exit);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> AddAsync(string body) =>
        server.SendAsync("POST", "/v1/webhooks", server.AcmeKey, body);

    private Task DeadDeliveryAsync(string webhook, string delivery) => server.Ledger.ExecuteAsync("""
        INSERT INTO webhook_deliveries (tenant_key, project_key, delivery_id, webhook_id, event, run_id,
            body, status,
          attempts, response_code, last_error)
        VALUES ($1, $2, $3, $4, 'run.failed', 'run_1', '{}', 'dead', 8, 500, 'the receiver answered 500')
        """, server.AcmeKeys.Tenant, server.AcmeKeys.Project, delivery, webhook);

    private async Task<(int Exit, string Shown)> AegisAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var environment = new Dictionary<string, string?>
        {
            ["AEGIS_URL"] = server.Server.Url.ToString(),
            ["AEGIS_KEY"] = server.AcmeKey,
        };
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, output, false, 100,
            environment.GetValueOrDefault), default);
        return (exit, output.ToString());
    }
}
