using System.Globalization;
using System.Text.Json.Nodes;
using Aegis.Core.Schedules;
using Aegis.Ledger.Triggers;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

/// <summary>Turns cron lines whose time has come into starts. It waits until the next line is due by the
/// database's clock, so that all nodes agree on what time it is.</summary>
internal sealed class ScheduleBeat(ScheduleTable table, TriggerSignals signals, ILogger log)
{
    private static readonly TimeSpan ZoneRetry = TimeSpan.FromHours(1);

    public async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        var claimed = await table.ClaimAsync(Decide, cancel);
        if (claimed > 0)
        {
            signals.Starts.Wake();
        }
        return claimed == ScheduleTable.ClaimMax ? TimeSpan.Zero : await table.WaitAsync(cancel);
    }

    private ScheduleAnswer Decide(DueSchedule due)
    {
        if (CronZone.Find(due.TimeZone) is not { } zone)
        {
            TriggerLog.ZoneMissing(log, due.Workflow.Name, due.TimeZone);
            return new ScheduleAnswer([], due.Now + ZoneRetry);
        }
        var times = DueTimes.Of(CronLine.Parse(due.Cron).Line!, zone, due.DueAt, due.Now, due.Missed);
        if (times.PassedOver > 0)
        {
            TriggerLog.TimesMissed(log, due.Workflow.Name, times.PassedOver);
        }
        return new ScheduleAnswer([.. times.Run.Select(t => Start(due, t))], times.Next);
    }

    private static NewStart Start(DueSchedule due, DueAt at)
    {
        var time = at.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var context = new JsonObject
        {
            ["event"] = "schedule", ["workflow"] = due.Workflow.Name, ["cron"] = due.Cron,
            ["timezone"] = due.TimeZone, ["due_at"] = time, ["missed"] = at.Missed,
        };
        return new NewStart(due.Workflow, FreshRunId.At(due.Now), $"schedule:{due.Index}:{time}",
            context.ToJsonString()) { Inputs = due.Inputs };
    }
}
