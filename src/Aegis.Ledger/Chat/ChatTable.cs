using System.Security.Cryptography;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Chat;

/// <summary>Conversations of a project, as role app. What is said and its fact are one transaction.</summary>
public sealed class ChatTable(LedgerDatabase database)
{
    /// <summary>Messages of one session.</summary>
    public const int MessagesMax = 2_000;

    /// <summary>Sessions of one actor in a project.</summary>
    public const int SessionsMax = 1_000;

    /// <summary>Characters of one message.</summary>
    public const int MessageCharsMax = 32_000;

    public static string NewFactId() => SecretFact.NewId();

    /// <summary>Null where the actor has as many as it may have.</summary>
    public async Task<ChatSession?> OpenAsync(
        TenancyKeys keys, string actor, string door, string language, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await RunAsync(session, "chat.lock", cancel, keys.Tenant, keys.Project, actor);
        await using (var count = session.Command("chat.count", keys.Tenant, keys.Project, actor))
        {
            if ((int)(await count.ExecuteScalarAsync(cancel))! >= SessionsMax)
            {
                return null;
            }
        }
        var id = "chat_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        await RunAsync(session, "chat.open", cancel, keys.Tenant, keys.Project, id, actor, language);
        await SecretFact.AddToAsync(session, keys, ChatStream.Of(id),
            new ChatOpened(NewFactId(), id, actor, door), cancel);
        var made = await FindAsync(session, "chat.find", keys, id, cancel);
        await session.CommitAsync(cancel);
        return made;
    }

    public async Task<ChatSession?> FindAsync(TenancyKeys keys, string id, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        return await FindAsync(session, "chat.find", keys, id, cancel);
    }

    /// <summary>Newest first.</summary>
    /// <param name="actor">Only those of this one; null for all.</param>
    public async Task<List<ChatSession>> ListAsync(
        TenancyKeys keys, string? actor, PageCursor? after, int limit, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var command = session.Command(
            "chat.list", keys.Tenant, keys.Project, actor, after?.At, after?.Id, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<ChatSession>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(ChatSession.Read(reader));
        }
        return found;
    }

    /// <summary>In their order, those behind a number.</summary>
    public async Task<List<ChatLine>> LinesAsync(
        TenancyKeys keys, string id, int after, int limit, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await using var command = session.Command(
            "chat.messages", keys.Tenant, keys.Project, id, after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<ChatLine>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(ChatLine.Read(reader));
        }
        return found;
    }

    /// <summary>The session as it is then; null where it is gone, or has as many messages as one may have.
    /// An assistant's message has always room: somebody was told it.</summary>
    public async Task<ChatSession?> AddAsync(
        TenancyKeys keys, string id, ChatAddition addition, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        if (await FindAsync(session, "chat.hold", keys, id, cancel) is not { } held
            || (addition.Who == ChatLine.User && held.Messages >= MessagesMax))
        {
            return null;
        }
        var kept = addition.Keep(held);
        if (addition.Who is { } who)
        {
            kept = kept with { Messages = held.Messages + 1 };
            await RunAsync(session, "chat.add", cancel, keys.Tenant, keys.Project, id, kept.Messages, who,
                addition.Text, addition.Intent, addition.DetailJson);
            await AddFactAsync(session, keys, id,
                new ChatMessage(NewFactId(), id, kept.Messages, who, addition.Text), cancel);
        }
        foreach (var fact in addition.Facts)
        {
            await AddFactAsync(session, keys, id, fact, cancel);
        }
        await RunAsync(session, "chat.keep", cancel, keys.Tenant, keys.Project, id, kept.Language,
            kept.Repository, kept.RunId, kept.PendingJson, kept.Messages);
        await session.CommitAsync(cancel);
        return kept;
    }

    /// <summary>False where there is none.</summary>
    /// <param name="check">What the request asks of the state.</param>
    public async Task<bool> DeleteAsync(TenancyKeys keys, string id, string actor,
        StoredCheck<ChatSession>? check, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        if (await FindAsync(session, "chat.hold", keys, id, cancel) is not { } held)
        {
            return false;
        }
        check?.Invoke(held);
        await RunAsync(session, "chat.delete", cancel, keys.Tenant, keys.Project, id);
        await AddFactAsync(session, keys, id, new ChatDeleted(NewFactId(), id, actor), cancel);
        await session.CommitAsync(cancel);
        return true;
    }

    /// <summary>A fact of no session.</summary>
    /// <param name="stream">Of <see cref="ChatStream"/>.</param>
    public async Task RecordAsync(
        TenancyKeys keys, string stream, RunEvent fact, CancellationToken cancel)
    {
        await using var session = await OpenAsync(keys, cancel);
        await SecretFact.AddToAsync(session, keys, stream, fact, cancel);
        await session.CommitAsync(cancel);
    }

    private static Task AddFactAsync(ProjectSession session, TenancyKeys keys, string id, RunEvent fact,
        CancellationToken cancel) => SecretFact.AddToAsync(session, keys, ChatStream.Of(id), fact, cancel);

    private static async Task<ChatSession?> FindAsync(
        ProjectSession session, string query, TenancyKeys keys, string id, CancellationToken cancel)
    {
        await using var command = session.Command(query, keys.Tenant, keys.Project, id);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? ChatSession.Read(reader) : null;
    }

    private Task<ProjectSession> OpenAsync(TenancyKeys keys, CancellationToken cancel) =>
        database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);

    private static async Task<int> RunAsync(
        ProjectSession session, string query, CancellationToken cancel, params object?[] values)
    {
        await using var command = session.Command(query, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
