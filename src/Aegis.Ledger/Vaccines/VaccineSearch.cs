using System.Numerics;
using System.Runtime.InteropServices;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Vaccines;

/// <summary>
/// Finds vaccines in three ways, each a list of ids, best first. Indexes of full text and trigrams were
/// rejected: under row level security PostgreSQL does not use them (their operators are not leakproof), and a
/// project sees at most <see cref="Core.Vaccines.VaccineLimits.LiveMax"/> rows, which are read by the primary
/// key's beginning. The same bound makes exact search over vectors cheaper than an index of them.
/// </summary>
public sealed class VaccineSearch(LedgerDatabase database)
{
    /// <summary>Ids of one list.</summary>
    public const int FoundMax = 50;

    private const double LikeLetters = 0.3;
    private const float LikeMeaning = 0.25f;

    /// <summary>By words and by letters.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> ByTextAsync(
        TenancyKeys keys, string query, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        return
        [
            await IdsAsync(
                session.Command("vaccines.by_words", keys.Tenant, keys.Project, query, FoundMax), cancel),
            await IdsAsync(
                session.Command("vaccines.by_letters", keys.Tenant, keys.Project, query, FoundMax,
                LikeLetters), cancel),
        ];
    }

    /// <summary>By meaning, among those that the same model made vectors of.</summary>
    public async Task<IReadOnlyList<string>> ByMeaningAsync(
        TenancyKeys keys, string model, ReadOnlyMemory<float> query, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("vaccines.embeddings", keys.Tenant, keys.Project, model);
        await using var r = await command.ExecuteReaderAsync(cancel);
        var found = new List<(string Id, float Likeness)>();
        while (await r.ReadAsync(cancel))
        {
            var likeness = Cosine(query.Span, MemoryMarshal.Cast<byte, float>(r.GetFieldValue<byte[]>(1)));
            if (likeness >= LikeMeaning)
            {
                found.Add((r.GetString(0), likeness));
            }
        }
        return [.. found.OrderByDescending(f => f.Likeness).ThenBy(f => f.Id, StringComparer.Ordinal)
            .Take(FoundMax).Select(f => f.Id)];
    }

    /// <summary>Keeps what a model made of a vaccine's words.</summary>
    public async Task EmbedAsync(
        TenancyKeys keys, string id, string model, float[] vector, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("vaccines.embed", keys.Tenant, keys.Project, id, model,
            MemoryMarshal.AsBytes(vector.AsSpan()).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    /// <summary>The cosine of the angle between two vectors; 0 where they are not of one length.</summary>
    internal static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
        {
            return 0;
        }
        var (ab, aa, bb) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var whole = a.Length - (a.Length % Vector<float>.Count);
        for (var i = 0; i < whole; i += Vector<float>.Count)
        {
            var (x, y) = (new Vector<float>(a[i..]), new Vector<float>(b[i..]));
            (ab, aa, bb) = (ab + (x * y), aa + (x * x), bb + (y * y));
        }
        var (dot, first, second) = (Vector.Sum(ab), Vector.Sum(aa), Vector.Sum(bb));
        for (var i = whole; i < a.Length; i++)
        {
            (dot, first, second) = (dot + (a[i] * b[i]), first + (a[i] * a[i]), second + (b[i] * b[i]));
        }
        var length = MathF.Sqrt(first) * MathF.Sqrt(second);
        return length > 0 ? dot / length : 0;
    }

    private static async Task<List<string>> IdsAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using (command)
        {
            await using var r = await command.ExecuteReaderAsync(cancel);
            var ids = new List<string>();
            while (await r.ReadAsync(cancel))
            {
                ids.Add(r.GetString(0));
            }
            return ids;
        }
    }
}
