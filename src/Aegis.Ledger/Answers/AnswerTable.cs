using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Answers;

/// <summary>Answers of models, each project's own, as role app; tidied and listed as role engine, which reads
/// none of them. Times are the database's.</summary>
public sealed class AnswerTable(LedgerDatabase database, TenantDirectory tenants) : IAnswerStore
{
    /// <summary>Answers of one project; the oldest go first.</summary>
    public const int RowsMax = 20_000;

    /// <summary>Their bytes, 256 MiB.</summary>
    public const long BytesMax = 256 << 20;

    // more than all nodes can have under way at once
    private const long Overlap = 4_096;
    private const string Anthropic = "anthropic";
    private const string OpenAi = "openai";

    public async ValueTask<StoredAnswer?> FindAsync(Tenancy tenancy, AnswerKey key,
        CancellationToken cancel)
    {
        if (await tenants.ResolveAsync(tenancy, cancel) is not { } keys)
        {
            return null;
        }
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var find = session.Command("answers.find", keys.Tenant, keys.Project, key.ToArray());
        await using var reader = await find.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }
        return new(new CachedAnswer(reader.GetFieldValue<byte[]>(1),
            reader.GetString(0) == Anthropic ? ModelProtocol.Anthropic : ModelProtocol.OpenAi,
            new ModelTokens(reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
                reader.GetInt64(7))),
            reader.GetFieldValue<TimeSpan>(2));
    }

    public async ValueTask KeepAsync(IReadOnlyList<AnswerToKeep> answers, CancellationToken cancel)
    {
        foreach (var group in answers.GroupBy(answer => answer.Tenancy))
        {
            if (await tenants.ResolveAsync(group.Key, cancel) is { } keys)
            {
                // the last of several under one key: a statement may write a row once
                await KeepAsync(keys, [.. group.GroupBy(answer => answer.Key).Select(same => same.Last())],
                    cancel);
            }
        }
    }

    public async ValueTask<AnswerNews> NewsAsync(long after, int most, CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await using var newest = session.Command("answers.last");
        var last = (long)(await newest.ExecuteScalarAsync(cancel))!;
        if (last == after)
        {
            return new([], last);
        }
        // numbers begin anew after a crash of the database
        await using var news = session.Command("answers.news", last < after ? 0 : after, Overlap, most);
        await using var reader = await news.ExecuteReaderAsync(cancel);
        var heads = new List<ulong>();
        while (await reader.ReadAsync(cancel))
        {
            heads.Add(unchecked((ulong)reader.GetInt64(0)));
        }
        return new(heads, last);
    }

    public async ValueTask<int> PruneAsync(CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        var gone = await session.ExecuteAsync("answers.prune", cancel)
            + await session.ExecuteAsync("answers.trim", cancel, RowsMax, BytesMax);
        await session.CommitAsync(cancel);
        return gone;
    }

    private async Task KeepAsync(TenancyKeys keys, AnswerToKeep[] answers, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var keep = session.Command("answers.keep", keys.Tenant, keys.Project,
            All(answers, answer => answer.Key.ToArray()),
            All(answers, answer => unchecked((long)answer.Key.Head)),
            All(answers, answer => answer.Answer.Protocol == ModelProtocol.Anthropic ? Anthropic : OpenAi),
            All(answers, answer => answer.Answer.Body.ToArray()),
            All(answers, answer => answer.Lifetime.TotalSeconds),
            All(answers, answer => answer.Answer.Tokens.Input),
            All(answers, answer => answer.Answer.Tokens.Output),
            All(answers, answer => answer.Answer.Tokens.CachedInput),
            All(answers, answer => answer.Answer.Tokens.CacheWrite),
            All(answers, answer => answer.Answer.Tokens.Reasoning));
        await keep.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    private static T[] All<T>(AnswerToKeep[] answers, Func<AnswerToKeep, T> of) =>
        Array.ConvertAll(answers, answer => of(answer));
}
