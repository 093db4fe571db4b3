using Aegis.Ledger.Triggers;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Triggers;

public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Registered_IsDueAtItsNextTimeByTheDatabasesClock()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var before = await ledger.ScalarAsync<DateTime>("SELECT now()");
        await host.RegisterAsync("nightly",
            "- schedule: { cron: '0 3 * * *' }\n- schedule: { cron: '@hourly' }");
        // the hour may turn in between
        Assert.True(await ledger.ScalarAsync<bool>("""
            SELECT bool_and(next_at > $1) AND count(*) = 2
               AND bool_and(CASE idx WHEN 1 THEN next_at IN (date_trunc('hour', $1) + interval '1 hour',
                       date_trunc('hour', now()) + interval '1 hour')
                   ELSE extract(hour FROM next_at AT TIME ZONE 'UTC') = 3 END) FROM schedules
            """, before));
        await host.Workflows.DeleteAsync(host.Keys, "nightly", CancellationToken.None);
        Assert.Equal(0, await ledger.ScalarAsync<long>("SELECT count(*) FROM schedules"));
    }

    [Fact]
    public async Task Due_WithThreeServersBeatsAtOnce_RunsOnceAndMovesOn()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        // is not due again while the test runs
        await host.RegisterAsync("yearly", "- schedule: { cron: '0 0 1 1 *' }");
        await ledger.ExecuteAsync("UPDATE schedules SET next_at = now()");
        await using var second = host.StartAnother();
        await using var third = host.StartAnother();
        host.Start();
        host.Signals.Schedules.Wake();
        await host.UntilAsync("SELECT count(*) > 0 AND bool_and(status = 'started') FROM trigger_starts");
        Assert.True(await ledger.ScalarAsync<bool>("SELECT next_at > now() FROM schedules"));
        Assert.Equal(1, await ledger.ScalarAsync<long>("SELECT count(*) FROM trigger_starts"));
        Assert.Equal(1, await host.RunsAsync());
    }

    [Theory]
    [InlineData("skip", 0)]
    [InlineData("once", 1)]
    [InlineData("all", 3)]
    public async Task Missed_AreMadeUpForAsTheWorkflowSays(string missed, int runs)
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        await host.RegisterAsync("daily", $"- schedule: {{ cron: '0 0 * * *', missed: {missed} }}");
        await ledger.ExecuteAsync("UPDATE schedules SET next_at = "
            + "date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '2 days'");
        // the minute after midnight would count today's time as being on time
        var onTime = await ledger.ScalarAsync<bool>(
            "SELECT extract(epoch FROM now() AT TIME ZONE 'UTC')::bigint % 86400 < 62");
        host.Start();
        await host.UntilAsync("SELECT next_at > now() FROM schedules");
        await host.UntilAsync("SELECT coalesce(bool_and(status = 'started'), true) FROM trigger_starts");
        var count = await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM trigger_starts WHERE context::jsonb->>'missed' = 'true'");
        Assert.Equal(onTime && missed == "all" ? runs - 1 : runs, count);
    }

    [Fact]
    public async Task Disabled_IsNotRun_AndWhatItMissedStaysMissed()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        await host.RegisterAsync("hourly", "- schedule: { cron: '@hourly', missed: all }");
        await host.Workflows.EnableAsync(host.Keys, "hourly", false, CancellationToken.None);
        await ledger.ExecuteAsync("UPDATE schedules SET next_at = now() - interval '5 hours'");
        Assert.Equal(0, await new ScheduleTable(ledger.Database).ClaimAsync(
            _ => throw new InvalidOperationException("claimed"), CancellationToken.None));
        await host.Workflows.EnableAsync(host.Keys, "hourly", true, CancellationToken.None);
        Assert.True(await ledger.ScalarAsync<bool>("SELECT next_at > now() FROM schedules"));
    }

    [Fact]
    public async Task KillInTheMiddleOfAClaim_LeavesTheLineDue()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("hourly", "- schedule: { cron: '@hourly' }");
        await ledger.ExecuteAsync("UPDATE schedules SET next_at = now()");
        var table = new ScheduleTable(ledger.Database);
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.ClaimAsync(
            _ => throw new InvalidOperationException("killed"), CancellationToken.None));
        Assert.Equal(1, await table.ClaimAsync(due => new ScheduleAnswer(
            [TriggerHost.StartOf(workflow, "s")], due.Now.AddHours(1)), CancellationToken.None));
        Assert.Equal(0, await table.ClaimAsync(_ =>
            throw new InvalidOperationException(), CancellationToken.None));
        Assert.InRange((await table.WaitAsync(CancellationToken.None))!.Value.TotalMinutes, 59, 60);
    }
}
