using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Replacements;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Routing;

/// <summary>A decision that another model stands in, as lists show it.</summary>
public sealed record ReplacementListing(string ReplacementId, ModelReplaced Decision,
    DateTimeOffset? UndoneAt, string? UndoneBy);

/// <summary>Decisions that another model stands in. Each is a fact of the project too.</summary>
public sealed class ReplacementTable(LedgerDatabase database)
{
    /// <summary>What a human undid is not decided again for so long.</summary>
    public static TimeSpan UndoneFor { get; } = TimeSpan.FromDays(1);

    /// <summary>Ends decisions that a newer one leads back from.</summary>
    public const string Engine = "engine";

    /// <summary>As role engine. False where it stands already, or a human undid it a short time
    /// ago.</summary>
    public async Task<bool> AddAsync(
        TenancyKeys keys, string id, ModelReplaced decision, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var (from, to, why) = (decision.From, decision.To, Word(decision.Why));
        var evidence = JsonSerializer.Serialize(decision.Evidence, RouteExplanation.Json);
        if (await session.ExecuteAsync("replacements.add", cancel, keys.Tenant, keys.Project, id,
            from.Provider, from.Model, to.Provider, to.Model, decision.TaskType, why, evidence, decision.At,
            decision.At - UndoneFor, Engine) == 0)
        {
            return false;
        }
        var e = decision.Evidence;
        await SecretFact.AddToAsync(session, keys, ModelStream.StandIns, new StandInNamed(SecretFact.NewId(),
            id, from.ToString(), to.ToString(), why, decision.TaskType, e.Before, e.Now, e.Weight,
            e.Deviation, e.PeerQuality, e.PeerCostRatio), cancel);
        foreach (var ended in await EndBackAsync(session, keys, decision, cancel))
        {
            await SecretFact.AddToAsync(session, keys, ModelStream.StandIns,
                new StandInEnded(SecretFact.NewId(), ended, Engine), cancel);
        }
        await session.CommitAsync(cancel);
        return true;
    }

    /// <summary>What stands in each project, as role engine.</summary>
    public async Task<IReadOnlyDictionary<Tenancy, ModelReplacements>> StandingAsync(CancellationToken cancel)
    {
        await using var command = database.Source(LedgerRole.Engine)
            .CreateCommand(Sql.Get("replacements.standing"));
        await using var r = await command.ExecuteReaderAsync(cancel);
        var standing = new Dictionary<Tenancy, ModelReplacements>();
        while (await r.ReadAsync(cancel))
        {
            var of = new Tenancy(r.GetString(0), r.GetString(1));
            standing[of] = standing.GetValueOrDefault(of, ModelReplacements.None).With(Decision(r, 2));
        }
        return standing;
    }

    /// <summary>As role app, the newest first.</summary>
    public async Task<List<ReplacementListing>> ListAsync(
        TenancyKeys keys, PageCursor? after, int limit, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(
            "replacements.list", keys.Tenant, keys.Project, after?.At, after?.Id, limit);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var found = new List<ReplacementListing>();
        while (await r.ReadAsync(cancel))
        {
            found.Add(Listing(r));
        }
        return found;
    }

    /// <summary>As role app; null where there is none.</summary>
    public async Task<ReplacementListing?> FindAsync(TenancyKeys keys, string id, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return await FindAsync(session, keys, id, cancel);
    }

    /// <summary>As role app. False where there is no such decision that stands.</summary>
    /// <param name="check">What the request asks of the state.</param>
    public async Task<bool> UndoAsync(TenancyKeys keys, string id, string actor, DateTimeOffset at,
        StoredCheck<ReplacementListing>? check, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (await FindAsync(session, keys, id, cancel) is not { UndoneAt: null } stands)
        {
            return false;
        }
        check?.Invoke(stands);
        await using (var undo = session.Command(
            "replacements.undo", keys.Tenant, keys.Project, id, at, actor))
        {
            if (await undo.ExecuteNonQueryAsync(cancel) == 0)
            {
                return false;
            }
        }
        await SecretFact.AddToAsync(session, keys, ModelStream.StandIns,
            new StandInEnded(SecretFact.NewId(), id, actor), cancel);
        await session.CommitAsync(cancel);
        return true;
    }

    private static async Task<ReplacementListing?> FindAsync(
        ProjectSession session, TenancyKeys keys, string id, CancellationToken cancel)
    {
        await using var command = session.Command("replacements.one", keys.Tenant, keys.Project, id);
        await using var r = await command.ExecuteReaderAsync(cancel);
        return await r.ReadAsync(cancel) ? Listing(r) : null;
    }

    private static ReplacementListing Listing(NpgsqlDataReader r) => new(r.GetString(0), Decision(r, 1),
        r.IsDBNull(9) ? null : r.GetFieldValue<DateTimeOffset>(9),
        r.IsDBNull(10) ? null : r.GetString(10));

    private static async Task<List<string>> EndBackAsync(
        EngineSession session, TenancyKeys keys, ModelReplaced decision, CancellationToken cancel)
    {
        await using var command = session.Command("replacements.end_back", keys.Tenant, keys.Project,
            decision.To.Provider, decision.To.Model, decision.TaskType, decision.At, Engine);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var ended = new List<string>();
        while (await r.ReadAsync(cancel))
        {
            ended.Add(r.GetString(0));
        }
        return ended;
    }

    // from, to, task type, why, evidence, time
    private static ModelReplaced Decision(NpgsqlDataReader r, int at) => new(
        new ModelKey(r.GetString(at), r.GetString(at + 1)),
        new ModelKey(r.GetString(at + 2), r.GetString(at + 3)), Reason(r.GetString(at + 5)),
        JsonSerializer.Deserialize<ReplacementEvidence>(r.GetString(at + 6), RouteExplanation.Json)!,
        r.IsDBNull(at + 4) ? null : r.GetString(at + 4), r.GetFieldValue<DateTimeOffset>(at + 7));

    public static string Word(ReplacementReason why) => why switch
    {
        ReplacementReason.Gone => "gone",
        ReplacementReason.QualityFell => "quality_fell",
        _ => "availability_fell",
    };

    private static ReplacementReason Reason(string word) => word switch
    {
        "gone" => ReplacementReason.Gone,
        "quality_fell" => ReplacementReason.QualityFell,
        _ => ReplacementReason.AvailabilityFell,
    };
}
