using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Plans.Triggers;
using Aegis.Core.Schedules;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Triggers;

/// <summary>A project's registered workflows with their schedules, as role app.</summary>
public sealed class WorkflowStore(LedgerDatabase database)
{
    public const int WorkflowsMax = 500;

    /// <summary>Registers a workflow, or registers it anew. Its schedules count from now.</summary>
    public async Task<RegisteredWorkflow> PutAsync(
        TenancyKeys keys, NewWorkflow workflow, CancellationToken cancel,
        StoredCheck<RegisteredWorkflow>? check = null)
    {
        if (!IdRule.IsValid(workflow.Name))
        {
            throw TriggerErrors.BadName(workflow.Name);
        }
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var hold = session.Command("workflows.lock", keys.Tenant, keys.Project))
        {
            await hold.ExecuteNonQueryAsync(cancel);
        }
        check?.Invoke(await HoldAsync(session, keys, workflow.Name, cancel));
        await using (var count = session.Command("workflows.count", keys.Tenant, keys.Project, workflow.Name))
        {
            if ((int)(await count.ExecuteScalarAsync(cancel))! >= WorkflowsMax)
            {
                throw TriggerErrors.TooManyWorkflows();
            }
        }
        await using var put = session.Command("workflows.put", keys.Tenant, keys.Project, workflow.Name,
            workflow.PlanId, workflow.WorkflowHash, workflow.Actor, workflow.Scopes.ToArray(),
            TriggerJson.Write(workflow.Triggers));
        AddText(put, workflow.Repository);
        AddText(put, workflow.Ref);
        var stored = (await ReadAsync(put, cancel))[0];
        await SetSchedulesAsync(session, keys, stored, cancel);
        await session.CommitAsync(cancel);
        return stored;
    }

    public async Task<RegisteredWorkflow?> FindAsync(TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var find = session.Command("workflows.find", keys.Tenant, keys.Project, name);
        return (await ReadAsync(find, cancel)).FirstOrDefault();
    }

    /// <summary>In the order of names.</summary>
    public async Task<ImmutableArray<RegisteredWorkflow>> ListAsync(TenancyKeys keys,
        CancellationToken cancel, string? after = null, int limit = int.MaxValue)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var list = session.Command("workflows.list", keys.Tenant, keys.Project, after, limit);
        return await ReadAsync(list, cancel);
    }

    /// <summary>Null where there is no such workflow. What a schedule missed while it was off stays
    /// missed.</summary>
    public async Task<RegisteredWorkflow?> EnableAsync(
        TenancyKeys keys, string name, bool enabled, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var enable = session.Command(
            "workflows.enable", keys.Tenant, keys.Project, name, enabled);
        if ((await ReadAsync(enable, cancel)).FirstOrDefault() is not { } stored)
        {
            return null;
        }
        await SetSchedulesAsync(session, keys, stored, cancel);
        await session.CommitAsync(cancel);
        return stored;
    }

    /// <summary>False where there is no such workflow. Starts that are due already still start.</summary>
    public async Task<bool> DeleteAsync(TenancyKeys keys, string name, CancellationToken cancel,
        StoredCheck<RegisteredWorkflow>? check = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (check is not null)
        {
            if (await HoldAsync(session, keys, name, cancel) is not { } stored)
            {
                return false;
            }
            check(stored);
        }
        await using var delete = session.Command("workflows.delete", keys.Tenant, keys.Project, name);
        var gone = await delete.ExecuteNonQueryAsync(cancel) == 1;
        await session.CommitAsync(cancel);
        return gone;
    }

    /// <summary>The newest starts of a workflow, what was refused included.</summary>
    public async Task<ImmutableArray<StartListing>> StartsAsync(
        TenancyKeys keys, string name, int limit, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var list = session.Command("starts.of_workflow", keys.Tenant, keys.Project, name, limit);
        await using var reader = await list.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<StartListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new StartListing(reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return found.ToImmutable();
    }

    /// <summary>Records a start that its caller carries out; see <see cref="NewStart.IsDirect"/>.</summary>
    public async Task RecordDirectAsync(TenancyKeys keys, NewStart start, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var add = session.Command("starts.add");
        add.Parameters.AddRange((start with { IsDirect = true }).Parameters(keys));
        await add.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    /// <summary>Records that a direct start was refused.</summary>
    public async Task RecordRefusalAsync(
        TenancyKeys keys, string runId, string error, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var end = session.Command(
            "starts.ended", keys.Tenant, keys.Project, runId, "refused", error);
        await end.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    private static async Task<RegisteredWorkflow?> HoldAsync(
        ProjectSession session, TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var hold = session.Command("workflows.hold", keys.Tenant, keys.Project, name);
        return (await ReadAsync(hold, cancel)).FirstOrDefault();
    }

    private static async Task SetSchedulesAsync(
        ProjectSession session, TenancyKeys keys, RegisteredWorkflow workflow, CancellationToken cancel)
    {
        await using (var clear = session.Command("schedules.clear", keys.Tenant, keys.Project, workflow.Name))
        {
            await clear.ExecuteNonQueryAsync(cancel);
        }
        await using var ask = session.Command("schedules.now");
        var now = new DateTimeOffset((DateTime)(await ask.ExecuteScalarAsync(cancel))!);
        foreach (var (index, schedule) in workflow.Triggers.OfType<ScheduleTrigger>().Index())
        {
            await using var add = session.Command("schedules.add", keys.Tenant, keys.Project, workflow.Name,
                index, schedule.Cron, schedule.TimeZone, schedule.Missed.ToString());
            add.Parameters.Add(new()
            {
                Value = (object?)NextOf(schedule, now) ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.TimestampTz,
            });
            AddText(add, schedule.Inputs?.GetRawText());
            await add.ExecuteNonQueryAsync(cancel);
        }
    }

    private static DateTimeOffset? NextOf(ScheduleTrigger schedule, DateTimeOffset now) =>
        CronZone.Find(schedule.TimeZone) is { } zone
            ? CronLine.Parse(schedule.Cron).Line!.Next(now, zone)
            : null;

    private static void AddText(NpgsqlCommand command, string? value) => command.Parameters.Add(
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    private static async Task<ImmutableArray<RegisteredWorkflow>> ReadAsync(
        NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = ImmutableArray.CreateBuilder<RegisteredWorkflow>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(RegisteredWorkflow.Read(reader));
        }
        return found.ToImmutable();
    }
}
