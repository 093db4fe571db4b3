using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Engine.Webhooks;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Webhooks;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Triggers;

public sealed class WebhookTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly LedgerFixture ledger = new();
    private readonly Receiver receiver = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public async Task DisposeAsync()
    {
        await receiver.DisposeAsync();
        await ledger.DisposeAsync();
    }

    [Fact]
    public async Task Run_TellsEachOfItsEndsOnce_Signed()
    {
        await using var host = await OpenAsync();
        host.Start();
        var run = await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n");
        await receiver.WaitAsync(2);
        await host.UntilAsync(
            "SELECT count(*) = 2 AND bool_and(status = 'delivered') FROM webhook_deliveries");

        var calls = receiver.Calls.OrderBy(c => c.Body.Contains("run.started") ? 0 : 1).ToList();
        Assert.Equal(["run.started", "run.succeeded"], calls.Select(Type));
        Assert.All(calls, c => Assert.Equal(WebhookSignature.Sign("s3cret", c.Id, c.At, c.Body),
            c.Signature));
        Assert.Equal(2, calls.Select(c => c.Id).Distinct().Count());
        var data = JsonElement.Parse(calls[1].Body).GetProperty("data");
        Assert.Equal((run.Value, "acme", "web", "test", "key:test"), (data.GetProperty("run_id").GetString(),
            data.GetProperty("tenant_id").GetString(), data.GetProperty("project_id").GetString(),
            data.GetProperty("name").GetString(), data.GetProperty("actor").GetString()));
    }

    [Theory]
    [InlineData("RunFailed", "run.failed", "boom")]
    [InlineData("RunCancelled", "run.cancelled", "enough")]
    [InlineData("ApprovalRequested", "approval.requested", "please")]
    public async Task EveryEvent_HasItsName(string type, string name, string reason)
    {
        await using var host = await OpenAsync();
        var run = await host.Engine.StartAsync("  - { id: a, uses: test.idem, with: { waits: true } }\n");
        await ledger.ExecuteAsync("""
            INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
            SELECT stream_key, 1000, tenant_key, project_key, now(), $2, '', convert_to($3, 'UTF8'), ''
              FROM streams WHERE stream_id = $1
            """, run.Value, type, $$"""{"reason":"{{reason}}"}""");
        host.Start();
        await receiver.WaitAsync(2);
        var told = receiver.Calls.Single(c => Type(c) == name);
        var data = JsonElement.Parse(told.Body).GetProperty("data");
        Assert.Equal(reason, data.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Failure_IsTriedAgainLater_WithTheSameIdAndBody()
    {
        receiver.Answer(500, 302);
        await using var host = await OpenAsync("run.succeeded");
        host.Start();
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        foreach (var (tries, code) in new[] { (1, 500), (2, 302) })
        {
            await receiver.WaitAsync(tries);
            await host.UntilAsync("SELECT response_code = $1 AND attempts = $2 FROM webhook_deliveries",
                code, tries);
            // the wait of 5 s and 30 s, with a fifth of jitter, is on record
            Assert.True(await ledger.ScalarAsync<bool>("""
                SELECT next_at BETWEEN updated_at + make_interval(secs => $1) AND updated_at
                    + make_interval(secs => $2)
                  FROM webhook_deliveries
                """, tries == 1 ? 4.0 : 24.0, tries == 1 ? 6.0 : 36.0));
            await ledger.ExecuteAsync("UPDATE webhook_deliveries SET next_at = now()");
            host.Signals.Deliveries.Wake();
        }
        await host.UntilAsync("SELECT status = 'delivered' AND attempts = 3 FROM webhook_deliveries");
        Assert.Equal(3, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(c => (c.Id, c.Body)).Distinct());
    }

    [Fact]
    public async Task EighthFailure_IsTheLast_AndRedeliverBeginsAnew()
    {
        receiver.Answer(500);
        await using var host = await OpenAsync("run.succeeded");
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        await new RunFeed(ledger.Database).DrainAsync(ledger);
        await ledger.ExecuteAsync("UPDATE webhook_deliveries SET attempts = 7");
        host.Start();
        await host.UntilAsync("SELECT status = 'dead' AND attempts = 8 FROM webhook_deliveries");
        var hook = (await host.Webhooks.ListAsync(host.Keys, None)).Single();
        var dead = (await host.Webhooks.DeliveriesAsync(host.Keys, hook.WebhookId, "dead", 10,
            None)).Single();
        Assert.Equal((500, "the receiver answered 500"), (dead.ResponseCode, dead.LastError));

        Assert.NotNull(await host.Webhooks.RedeliverAsync(host.Keys, hook.WebhookId, dead.DeliveryId, None));
        host.Signals.Deliveries.Wake();
        await host.UntilAsync("SELECT status = 'delivered' AND attempts = 1 FROM webhook_deliveries");
    }

    [Theory]
    [InlineData(410, "the receiver answered 410 Gone")]
    public async Task Gone_IsNotTriedAgain(int status, string error)
    {
        receiver.Answer(status);
        await using var host = await OpenAsync("run.succeeded");
        host.Start();
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        await host.UntilAsync("SELECT status = 'dead' AND last_error = $1 FROM webhook_deliveries", error);
    }

    [Fact]
    public async Task PrivateTarget_ThatNobodyNamed_IsNeverConnectedTo()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        await AddAsync(host, $"http://localhost:{receiver.Port}/hook", "run.succeeded");
        host.Start();
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        await host.UntilAsync("SELECT last_error LIKE 'AEGIS5042%' AND attempts = 1 FROM webhook_deliveries");
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task AnotherProjectsWebhook_HearsNothing_AndADisabledOneNeither()
    {
        await using var host = await OpenAsync();
        var rival = await ledger.CreateProjectAsync(new Tenancy("rival", "web"));
        await host.Webhooks.AddAsync(rival, "wh_rival", receiver.Url.ToString(), [.. RunMessage.Events],
            "hook",
            "key:r", None);
        await host.Webhooks.AddAsync(host.Keys, "wh_off", receiver.Url.ToString(), [.. RunMessage.Events],
            "hook",
            "key:a", None);
        await host.Webhooks.EnableAsync(host.Keys, "wh_off", false, None);
        host.Start();
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        await host.UntilAsync(
            "SELECT count(*) = 2 AND bool_and(status = 'delivered') FROM webhook_deliveries");
        Assert.Equal("wh_main", await ledger.ScalarAsync<string>(
            "SELECT string_agg(DISTINCT webhook_id, ' ') FROM webhook_deliveries"));
    }

    [Fact]
    public async Task ManyRunsAtOnce_WithOpenTransactionsBetween_AreAllToldOnce()
    {
        const int Runs = 150;
        await using var host = await OpenAsync();
        host.Start();
        await using var other = host.StartAnother();
        // transactions that begin before a run's and end after it: what a reader by position skips
        using var stop = new CancellationTokenSource();
        var holders = Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await ledger.ExecuteAsync("SELECT pg_current_xact_id(), pg_sleep(0.03)");
            }
        })).ToList();
        var started = await Task.WhenAll(Enumerable.Range(0, Runs)
            .Select(_ => host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n")));
        await Task.WhenAll(started.Select(host.Engine.EndAsync));
        await host.UntilAsync("SELECT count(*) = $1 FROM webhook_deliveries", 2L * Runs);
        await stop.CancelAsync();
        await Task.WhenAll(holders);
        Assert.Equal(2L * Runs, await ledger.ScalarAsync<long>(
            "SELECT count(DISTINCT (run_id, event)) FROM webhook_deliveries"));
    }

    [Theory]
    [InlineData(9_999, "pending")]
    [InlineData(10_000, "dead")]
    public async Task Backlog_PastItsLimit_IsDeadFromTheStart(int waiting, string status)
    {
        await using var host = await OpenAsync("run.succeeded");
        await ledger.ExecuteAsync("""
            INSERT INTO webhook_deliveries (tenant_key, project_key, delivery_id, webhook_id, event,
                run_id, body, next_at)
            SELECT $1, $2, 'd' || n, 'wh_main', 'run.failed', 'r', '{}', now() + interval '1 day'
              FROM generate_series(1, $3) n
            """, host.Keys.Tenant, host.Keys.Project, waiting);
        await host.Engine.EndAsync(await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n"));
        await new RunFeed(ledger.Database).DrainAsync(ledger);
        Assert.Equal(status, await ledger.ScalarAsync<string>(
            "SELECT status FROM webhook_deliveries WHERE event = 'run.succeeded'"));
    }

    [Fact]
    public void Waits_GrowAndEndAfterEightTries()
    {
        var middle = new Middle();
        Assert.Equal([5, 30, 120, 600, 3600, 21600, 21600], Enumerable.Range(1, 7)
            .Select(n => WebhookSender.WaitAfter(n, middle)!.Value.TotalSeconds));
        Assert.Null(WebhookSender.WaitAfter(8, middle));
    }

    [Fact]
    public void Signature_IsStandardWebhooks() =>
        // the example of the Standard Webhooks specification's reference libraries
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", WebhookSignature.Sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
            DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""));

    private static string Type(ReceivedCall call) =>
        JsonElement.Parse(call.Body).GetProperty("type").GetString()!;

    private async Task<TriggerHost> OpenAsync(params string[] events)
    {
        var host = await TriggerHost.OpenAsync(ledger, receiver.Host);
        await AddAsync(host, receiver.Url.ToString(), events);
        return host;
    }

    private static async Task AddAsync(TriggerHost host, string url, params string[] events)
    {
        await host.Secrets.SetAsync(EngineHost.Tenancy, host.Keys, "hook", "s3cret", "key:a", None);
        await host.Webhooks.AddAsync(host.Keys, "wh_main", url,
            events.Length == 0 ? [.. RunMessage.Events] : [.. events], "hook", "key:a", None);
    }

    private sealed class Middle : Random
    {
        public override double NextDouble() => 0.5;
    }
}

internal static class FeedDrain
{
    /// <summary>Reads the feed to its end, as the beat would.</summary>
    public static async Task DrainAsync(this RunFeed feed, LedgerFixture ledger)
    {
        var signals = new Schedules.TriggerSignals();
        var beat = new RunEventBeat(feed, signals, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await beat.TurnAsync(CancellationToken.None) is not null)
        {
            await pace.WaitForNextTickAsync();
        }
    }
}
