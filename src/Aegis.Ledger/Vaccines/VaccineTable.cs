using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Core.Vaccines;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Vaccines;

/// <summary>Changes whenever what binds a project may have changed.</summary>
public readonly record struct VaccineStamp(long Count, DateTimeOffset? At);

/// <summary>What minting came to.</summary>
/// <param name="Merged">There was one alike.</param>
public sealed record MintedVaccine(Vaccine Vaccine, bool Merged);

/// <summary>Vaccines as a project sees them, as role app. What happens to one is a fact too.</summary>
public sealed class VaccineTable(LedgerDatabase database)
{
    public async Task<VaccineStamp> StampAsync(TenancyKeys keys, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("vaccines.stamp", keys.Tenant, keys.Project);
        await using var r = await command.ExecuteReaderAsync(cancel);
        await r.ReadAsync(cancel);
        return new VaccineStamp((long)r.GetDecimal(0),
            r.IsDBNull(1) ? null : r.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<Vaccine>> ListAsync(TenancyKeys keys, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return [.. (await RowsAsync(session, keys, null, cancel)).Select(r => r.Vaccine)];
    }

    /// <summary>Null where the project sees none of that id.</summary>
    public async Task<Vaccine?> FindAsync(TenancyKeys keys, string id, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return (await RowsAsync(session, keys, id, cancel)).FirstOrDefault()?.Vaccine;
    }

    /// <summary>Keeps a tested order: as a vaccine of its own, or as one hit more of one alike.</summary>
    /// <exception cref="AegisException">AEGIS2625, AEGIS2626.</exception>
    public async Task<MintedVaccine> MintAsync(TenancyKeys keys, VaccineOrder order, string id, string actor,
        DateTimeOffset now, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await ExecuteAsync(session, "vaccines.hold", cancel,
            order.Scope == VaccineScope.Global ? -1L : keys.Tenant);
        var rows = await RowsAsync(session, keys, null, cancel);
        var alike = VaccineLikeness.Find(rows.Select(r => r.Vaccine), order);
        MintedVaccine minted;
        if (alike is null)
        {
            minted = new MintedVaccine(
                await AddAsync(session, keys, rows, order, id, actor, now, cancel), false);
        }
        else if (alike.Status == VaccineStatus.Revoked)
        {
            throw new AegisException(VaccineErrors.WasRevoked(alike));
        }
        else
        {
            var again = order.CallId is not null
                && rows.First(r => r.Vaccine.Id == alike.Id).LastCall == order.CallId;
            minted = new MintedVaccine(again ? alike
                : await MergeAsync(session, keys, alike, order, actor, now, cancel), !again);
        }
        await session.CommitAsync(cancel);
        return minted;
    }

    /// <summary>Writes what a door has made of a vaccine, with its fact.</summary>
    /// <param name="change">From how it stands to how it shall, or an error.</param>
    /// <exception cref="AegisException">What the change throws.</exception>
    public async Task<Vaccine?> ChangeAsync(TenancyKeys keys, string id, Func<Vaccine, Vaccine> change,
        Func<Vaccine, string, RunEvent> fact, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await ExecuteAsync(session, "vaccines.hold", cancel, (long)keys.Tenant);
        if ((await RowsAsync(session, keys, id, cancel)).FirstOrDefault()?.Vaccine is not { } before)
        {
            return null;
        }
        var after = change(before);
        if (after.Scope != VaccineScope.Global)
        {
            if (after.Scope != before.Scope)
            {
                await ExecuteAsync(session, "vaccines.share", cancel, keys.Tenant, keys.Project, id);
            }
            await WriteAsync(session, keys, after, null, cancel);
        }
        else if (after.Counts.BlockedGood > before.Counts.BlockedGood)
        {
            await AsAuthAsync("vaccines.report_global", cancel, after.Id);
        }
        else
        {
            await PutGlobalAsync(after, cancel);
        }
        await SecretFact.AddToAsync(session, keys, VaccineStream.Of(id),
            fact(after, SecretFact.NewId()), cancel);
        await session.CommitAsync(cancel);
        return after;
    }

    internal static async Task<List<VaccineRow>> RowsAsync(
        ProjectSession session, TenancyKeys keys, string? id, CancellationToken cancel)
    {
        await using var command = session.Command("vaccines.list", keys.Tenant, keys.Project);
        command.Parameters.Add(Text(id));
        await using var r = await command.ExecuteReaderAsync(cancel);
        var rows = new List<VaccineRow>();
        while (await r.ReadAsync(cancel))
        {
            rows.Add(VaccineRow.Read(r));
        }
        return rows;
    }

    private async Task<Vaccine> AddAsync(ProjectSession session, TenancyKeys keys, List<VaccineRow> rows,
        VaccineOrder order, string id, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (rows.Count(r => r.Vaccine.Status is VaccineStatus.Active or VaccineStatus.Proposed
            && r.Vaccine.Scope == VaccineScope.Global == (order.Scope == VaccineScope.Global))
            >= VaccineLimits.LiveMax)
        {
            throw new AegisException(VaccineErrors.TooMany);
        }
        var v = VaccineLife.Begin(order, id, now);
        if (v.Scope == VaccineScope.Global)
        {
            await PutGlobalAsync(v, cancel);
        }
        else
        {
            await using var add = session.Command(
                v.Scope == VaccineScope.Tenant ? "vaccines.add_shared" : "vaccines.add", keys.Tenant,
                keys.Project, v.Id, VaccineWords.Of(v.Status), v.ErrorPattern, v.SolutionInstruction,
                VaccineWords.Of(v.Severity), v.OriginAgent, v.Language, v.Check?.Json, v.Counts.Hits,
                v.Counts.Recurred, v.CreatedAt, v.HelpedAt, v.ExpiresAt, order.CallId);
            Typed(add);
            await add.ExecuteNonQueryAsync(cancel);
        }
        await SecretFact.AddToAsync(session, keys, VaccineStream.Of(v.Id), new VaccineMinted(
            SecretFact.NewId(), v.Id, VaccineWords.Of(v.Scope), v.ErrorPattern, v.SolutionInstruction,
            VaccineWords.Of(v.Severity), v.OriginAgent, v.Language, v.Check?.Json, actor), cancel);
        return v;
    }

    private async Task<Vaccine> MergeAsync(ProjectSession session, TenancyKeys keys, Vaccine alike,
        VaccineOrder order, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        var merged = VaccineLife.Merge(alike, order, now);
        if (merged.Scope == VaccineScope.Global)
        {
            await PutGlobalAsync(merged, cancel);
        }
        else
        {
            await WriteAsync(session, keys, merged, order.CallId, cancel);
        }
        await SecretFact.AddToAsync(session, keys, VaccineStream.Of(merged.Id), new VaccineMerged(
            SecretFact.NewId(), merged.Id, merged.Counts.Hits, merged.Counts.Recurred,
            order.OriginAgent, actor), cancel);
        return merged;
    }

    private static Task WriteAsync(
        ProjectSession session, TenancyKeys keys, Vaccine v, string? call, CancellationToken cancel) =>
        ExecuteAsync(session, "vaccines.change", cancel, keys.Tenant, keys.Project, v.Id,
            VaccineWords.Of(v.Status), VaccineWords.Of(v.Severity), Text(v.Check?.Json), v.Counts.Hits,
            v.Counts.Recurred, v.Counts.BlockedGood, v.HelpedAt, v.ExpiresAt, Text(v.RevokedBy),
            Text(v.RevokeReason), Text(call));

    private Task PutGlobalAsync(Vaccine v, CancellationToken cancel) => AsAuthAsync("vaccines.put_global",
        cancel, v.Id, VaccineWords.Of(v.Status), v.ErrorPattern, v.SolutionInstruction,
        VaccineWords.Of(v.Severity), v.OriginAgent, Text(v.Language), Text(v.Check?.Json), v.Counts.Hits,
        v.Counts.Recurred, v.CreatedAt, v.HelpedAt, v.ExpiresAt, Text(v.RevokedBy), Text(v.RevokeReason));

    // the functions are the only way to that table; who may use them is the door's business
    private async Task AsAuthAsync(string query, CancellationToken cancel, params object[] values)
    {
        await using var command = database.Source(LedgerRole.Auth).CreateCommand(Sql.Get(query));
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task ExecuteAsync(
        ProjectSession session, string query, CancellationToken cancel, params object[] values)
    {
        await using var command = session.Command(query);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancel);
    }

    // a null alone does not say that it is a text
    private static void Typed(NpgsqlCommand command)
    {
        foreach (var parameter in command.Parameters.Where(p => p.Value is DBNull))
        {
            parameter.NpgsqlDbType = NpgsqlDbType.Text;
        }
    }

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
