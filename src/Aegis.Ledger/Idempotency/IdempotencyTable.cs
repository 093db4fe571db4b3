using Aegis.Ledger.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.Idempotency;

/// <summary>Whose key it is: another actor's, project's or tenant's is another key.</summary>
public sealed record IdempotencyKey(TenancyKeys Keys, string Actor, string Key);

/// <param name="Body">Null where it was too long to be kept.</param>
public sealed record KeptAnswer(int Status, string? MediaType, string? Location, byte[]? Body);

/// <summary>What became of a claim: the request is ours to do, or the key is another request's, or it is
/// being done, or it was done.</summary>
/// <param name="RunId">The id of the run that the request may start; null where it is not ours.</param>
public sealed record Claim(string? RunId, bool IsOtherRequest = false, KeptAnswer? Answer = null);

/// <summary>Requests that carry an Idempotency-Key, as role app. Times are the database's.</summary>
public sealed class IdempotencyTable(LedgerDatabase database)
{
    /// <summary>How long a key is remembered.</summary>
    public const int HoursMax = 24;

    /// <summary>The longest answer that is kept.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Who works on a request and says nothing for so long has died.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(15);

    /// <param name="proposedRunId">The id of a run that the request starts, unless it had one before.</param>
    public async Task<Claim> ClaimAsync(
        IdempotencyKey key, byte[] fingerprint, string proposedRunId, CancellationToken cancel)
    {
        while (true)
        {
            await using var session = await database.OpenProjectAsync(
                key.Keys.Tenant, key.Keys.Project, cancel);
            await using var claim = Command(session, "idempotency.claim", key, fingerprint, proposedRunId,
                Hold.TotalSeconds, HoursMax);
            if (await claim.ExecuteScalarAsync(cancel) is string run)
            {
                await session.CommitAsync(cancel);
                return new Claim(run);
            }
            // nothing: the row was removed between the two statements, and the next claim takes the key
            if (await FindAsync(session, key, fingerprint, cancel) is { } found)
            {
                return found;
            }
        }
    }

    /// <summary>Holds the key for a while longer; for no time, lets go of it.</summary>
    public Task HoldAsync(IdempotencyKey key, TimeSpan more, CancellationToken cancel) =>
        ExecuteAsync("idempotency.hold", key, cancel, more.TotalSeconds);

    public Task AnswerAsync(IdempotencyKey key, KeptAnswer answer, CancellationToken cancel) =>
        ExecuteAsync("idempotency.answer", key, cancel, answer.Status, Text(answer.MediaType),
            Text(answer.Location), new NpgsqlParameter
            {
                Value = answer.Body is { Length: <= BodyBytesMax } body ? body : DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Bytea,
            });

    private static async Task<Claim?> FindAsync(
        ProjectSession session, IdempotencyKey key, byte[] fingerprint, CancellationToken cancel)
    {
        await using var find = Command(session, "idempotency.find", key, fingerprint);
        await using var reader = await find.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            return null;
        }
        if (!reader.GetBoolean(0))
        {
            return new Claim(null, IsOtherRequest: true);
        }
        return reader.IsDBNull(1)
            ? new Claim(null)
            : new Claim(null, Answer: new KeptAnswer(reader.GetInt32(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)));
    }

    private async Task ExecuteAsync(
        string query, IdempotencyKey key, CancellationToken cancel, params object[] more)
    {
        await using var session = await database.OpenProjectAsync(
            key.Keys.Tenant, key.Keys.Project, cancel);
        await using var command = Command(session, query, key, more);
        await command.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    private static NpgsqlCommand Command(
        ProjectSession session, string query, IdempotencyKey key, params object[] more)
    {
        var command = session.Command(query, key.Keys.Tenant, key.Keys.Project, key.Actor, key.Key);
        foreach (var value in more)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }
        return command;
    }

    private static NpgsqlParameter Text(string? value) => new()
    {
        Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text,
    };
}
