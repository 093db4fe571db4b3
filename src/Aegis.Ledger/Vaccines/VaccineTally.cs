using Aegis.Core.Runs.Events;
using Aegis.Core.Vaccines;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Vaccines;

/// <summary>A call that a vaccine stopped.</summary>
/// <param name="CallId">Null outside of a run.</param>
public sealed record StoppedCall(string VaccineId, string Tool, string Place, string? CallId, string Actor);

/// <summary>Counts what vaccines did, and lets those fade that do nothing, as role engine.</summary>
public sealed class VaccineTally(LedgerDatabase database)
{
    /// <summary>All of one batch are counted, and each is a fact of the project whose call it was.</summary>
    public async Task PreventedAsync(
        IReadOnlyList<(TenancyKeys Keys, StoppedCall Call)> stopped, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var counts = stopped.GroupBy(s => (s.Call.VaccineId, s.Keys.Tenant)).ToList();
        await session.ExecuteAsync("vaccines.prevented", cancel,
            counts.Select(c => c.Key.VaccineId).ToArray(), counts.Select(c => (long)c.Count()).ToArray(),
            counts.Select(c => c.Key.Tenant).ToArray());
        foreach (var (keys, call) in stopped)
        {
            await SecretFact.AddToAsync(session, keys, VaccineStream.Of(call.VaccineId), new VaccinePrevented(
                SecretFact.NewId(), call.VaccineId, call.Tool, call.Place, call.CallId, call.Actor), cancel);
        }
        await session.CommitAsync(cancel);
    }

    /// <summary>How many faded.</summary>
    public async Task<int> FadeAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var gone = 0;
        foreach (var (keys, id) in await IdleAsync(session, now, cancel))
        {
            await session.ExecuteAsync("vaccines.fade", cancel, keys.Tenant, keys.Project, id);
            await SecretFact.AddToAsync(session, keys, VaccineStream.Of(id),
                new VaccineFaded(SecretFact.NewId(), id), cancel);
            gone++;
        }
        gone += await session.ExecuteAsync("vaccines.fade_global", cancel);
        await session.CommitAsync(cancel);
        return gone;
    }

    private static async Task<List<(TenancyKeys Keys, string Id)>> IdleAsync(
        EngineSession session, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = session.Command("vaccines.idle");
        await using var r = await command.ExecuteReaderAsync(cancel);
        var idle = new List<(TenancyKeys, string)>();
        while (await r.ReadAsync(cancel))
        {
            if (VaccineLife.IsOver(r.GetFieldValue<DateTimeOffset>(3), r.GetInt64(4), now))
            {
                idle.Add((new TenancyKeys(r.GetInt32(0), r.GetInt32(1)), r.GetString(2)));
            }
        }
        return idle;
    }
}
