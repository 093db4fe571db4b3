using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using NpgsqlTypes;

namespace Aegis.Ledger.Triggers;

/// <summary>A start whose time has come.</summary>
public sealed record DueStart(TenancyKeys Keys, Tenancy Tenancy, RunId RunId, string Workflow, PlanId Plan,
    string Actor, ImmutableArray<string> Scopes, string Context, string? Repository, string? Ref,
    int Attempts, string? Inputs);

/// <summary>What became of a start: started (with a note where another run stands for it), refused for good
/// (an error), or to be tried again (an error and a wait).</summary>
public sealed record StartAnswer(string? Error = null, TimeSpan? Again = null, string? Note = null)
{
    public static StartAnswer Started { get; } = new();
}

/// <summary>Starts that are due, as role engine. A row is locked while its run is started: no two nodes start
/// it at once, and a node that dies lets go of it.</summary>
public sealed class StartTable(LedgerDatabase database)
{
    /// <summary>Deals with one due start; false where there is none.</summary>
    public async Task<bool> TakeAsync(
        Func<DueStart, Task<StartAnswer>> start, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        if (await NextAsync(session, cancel) is not { } due)
        {
            return false;
        }
        var answer = await start(due);
        var (tenant, project, run) = (due.Keys.Tenant, due.Keys.Project, due.RunId.Value);
        if (answer.Again is { } wait)
        {
            await session.ExecuteAsync(
                "starts.later", cancel, tenant, project, run, answer.Error, wait.TotalSeconds);
        }
        else
        {
            await session.ExecuteAsync("starts.ended", cancel, tenant, project, run,
                answer.Error is null ? "started" : "refused", new Npgsql.NpgsqlParameter
                {
                    Value = (object?)(answer.Error ?? answer.Note) ?? DBNull.Value,
                    NpgsqlDbType = NpgsqlDbType.Text,
                });
        }
        await session.CommitAsync(cancel);
        return true;
    }

    /// <summary>How long until the next start is due, by the database's clock; null where none is.</summary>
    public Task<TimeSpan?> WaitAsync(CancellationToken cancel) =>
        DueTime.UntilAsync(database, "starts.wait", cancel);

    private static async Task<DueStart?> NextAsync(EngineSession session, CancellationToken cancel)
    {
        await using var command = session.Command("starts.due");
        await using var r = await command.ExecuteReaderAsync(cancel);
        return !await r.ReadAsync(cancel)
            ? null
            : new DueStart(new TenancyKeys(r.GetInt32(0), r.GetInt32(1)),
                new Tenancy(r.GetString(2), r.GetString(3)), new RunId(r.GetString(4)), r.GetString(5),
                new PlanId(r.GetString(6)), r.GetString(7), [.. r.GetFieldValue<string[]>(8)], r.GetString(9),
                r.IsDBNull(10) ? null : r.GetString(10), r.IsDBNull(11) ? null : r.GetString(11),
                r.GetInt32(12), r.IsDBNull(13) ? null : r.GetString(13));
    }
}
