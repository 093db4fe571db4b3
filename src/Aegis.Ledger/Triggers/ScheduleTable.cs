using System.Collections.Immutable;
using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Triggers;

/// <summary>A cron line whose time has come. Now is the database's.</summary>
public sealed record DueSchedule(TenancyKeys Keys, RegisteredWorkflow Workflow, int Index, string Cron,
    string TimeZone, MissedRuns Missed, DateTimeOffset DueAt, DateTimeOffset Now, string? Inputs);

/// <summary>What a due line causes, and when it is due again; null for never.</summary>
public sealed record ScheduleAnswer(ImmutableArray<NewStart> Starts, DateTimeOffset? Next);

/// <summary>Claims due cron lines, as role engine: the starts and the line's next time are one
/// transaction, and the rows are locked meanwhile, so that a time starts a run once however many nodes
/// there are.</summary>
public sealed class ScheduleTable(LedgerDatabase database)
{
    public const int ClaimMax = 50;

    /// <returns>How many lines were dealt with.</returns>
    public async Task<int> ClaimAsync(Func<DueSchedule, ScheduleAnswer> decide, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var due = await DueAsync(session, cancel);
        foreach (var line in due)
        {
            var answer = decide(line);
            foreach (var start in answer.Starts)
            {
                await session.ExecuteAsync("starts.add", cancel, [.. start.Parameters(line.Keys)]);
            }
            await session.ExecuteAsync("schedules.set_next", cancel, line.Keys.Tenant, line.Keys.Project,
                line.Workflow.Name, line.Index, new NpgsqlParameter
                {
                    Value = (object?)answer.Next ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz,
                });
        }
        await session.CommitAsync(cancel);
        return due.Count;
    }

    /// <summary>How long until the next line is due; null where none is.</summary>
    public Task<TimeSpan?> WaitAsync(CancellationToken cancel) =>
        DueTime.UntilAsync(database, "schedules.wait", cancel);

    private static async Task<List<DueSchedule>> DueAsync(EngineSession session, CancellationToken cancel)
    {
        await using var command = session.Command("schedules.due", ClaimMax);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var due = new List<DueSchedule>();
        while (await r.ReadAsync(cancel))
        {
            var workflow = new RegisteredWorkflow(r.GetString(2), r.GetString(9), "", true, r.GetString(10),
                [.. r.GetFieldValue<string[]>(11)], [], r.IsDBNull(12) ? null : r.GetString(12),
                r.IsDBNull(13) ? null : r.GetString(13), default);
            due.Add(new DueSchedule(new TenancyKeys(r.GetInt32(0), r.GetInt32(1)), workflow, r.GetInt32(3),
                r.GetString(4), r.GetString(5), Enum.Parse<MissedRuns>(r.GetString(6)),
                r.GetFieldValue<DateTimeOffset>(7), r.GetFieldValue<DateTimeOffset>(8),
                r.IsDBNull(14) ? null : r.GetString(14)));
        }
        return due;
    }
}
