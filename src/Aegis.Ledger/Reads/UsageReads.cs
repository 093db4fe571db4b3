using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Reads;

/// <summary>Which calls to models are summed; what is null asks for nothing. Both days are taken
/// too.</summary>
/// <param name="By">run, task, agent, model, provider, day or key.</param>
/// <param name="Run">A run or a session.</param>
public sealed record UsageFilter(string By, DateOnly? From, DateOnly? To, string? Run);

/// <summary>Calls to models that were summed.</summary>
/// <param name="CachedAnswers">Those that came from the cache of answers.</param>
/// <param name="CachedTokens">Of the input, from the provider's cache.</param>
/// <param name="FirstTokenUs">Summed over <paramref name="FirstTokens"/> streams.</param>
public sealed record UsageListing(string Name, long Calls, long Answered, long Failed, long Aborted,
    long Tries, long CachedAnswers, long InputTokens, long OutputTokens, long CachedTokens,
    long CacheWriteTokens, long ReasoningTokens, decimal CostUsd, decimal SavedUsd, long TookUs,
    long FirstTokenUs, long FirstTokens);

/// <summary>What doors read of calls to models, as role app.</summary>
public sealed class UsageReads(LedgerDatabase database)
{
    /// <summary>The costliest first, then by name.</summary>
    public async Task<List<UsageListing>> ListAsync(TenancyKeys keys, UsageFilter only, int after, int limit,
        CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("reads.model_usage", keys.Tenant, keys.Project, only.By,
            only.From, only.To, only.Run, after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<UsageListing>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new UsageListing(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2),
                reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
                reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9), reader.GetInt64(10),
                reader.GetInt64(11), reader.GetDecimal(12), reader.GetDecimal(13), reader.GetInt64(14),
                reader.GetInt64(15), reader.GetInt64(16)));
        }
        return found;
    }
}
