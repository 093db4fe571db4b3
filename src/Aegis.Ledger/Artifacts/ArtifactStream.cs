using Aegis.Core.Artifacts;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Artifacts;

/// <summary>An artifact's own stream, <c>artifact/ID</c>: each version is one fact, and the stream's order is
/// theirs.</summary>
public static class ArtifactStream
{
    public const string Prefix = "artifact/";

    public static string Of(string artifactId) => Prefix + artifactId;

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The version that a fact tells; null for another fact or an erased one.</summary>
    public static ArtifactVersion? VersionOf(string type, byte[]? payload) =>
        payload is null || !IsVersion(type) ? null : RunEventCodec.Decode(type, payload) switch
        {
            ArtifactProduced made => made.Artifact,
            ArtifactUpdated made => made.Artifact,
            _ => null,
        };

    public static bool IsVersion(string type) =>
        type is nameof(ArtifactProduced) or nameof(ArtifactUpdated);
}

/// <summary>The end of an artifact's stream.</summary>
/// <param name="Newest">The newest version that can be read.</param>
/// <param name="Erased">Versions behind it whose payload was erased.</param>
internal sealed record ArtifactTail(
    long StreamKey, int StreamVersion, byte[] Hash, ArtifactVersion? Newest, int Erased);

/// <summary>Reads streams of artifacts from their end.</summary>
internal sealed class ArtifactTails(StreamDirectory streams, NpgsqlDataSource engine)
{
    private const int Page = 50;

    /// <summary>How far back a task's own version is looked for: so many others may have come since the crash
    /// that made it ask again.</summary>
    public const int LookedBackMax = 1_000;

    /// <summary>Null where there is no such artifact yet.</summary>
    public async Task<ArtifactTail?> FindAsync(TenancyKeys keys, string id, CancellationToken cancel)
    {
        if (await streams.FindAsync(keys, ArtifactStream.Of(id), cancel) is not { } key)
        {
            return null;
        }
        ArtifactTail? tail = null;
        await foreach (var (stored, version) in BackAsync(key, cancel))
        {
            tail ??= new ArtifactTail(key, stored.Version, stored.Hash, null, 0);
            if (version is not null)
            {
                return tail with { Newest = version };
            }
            tail = tail with { Erased = tail.Erased + (ArtifactStream.IsVersion(stored.Type) ? 1 : 0) };
        }
        return tail;
    }

    /// <summary>Versions that a task made, newest first.</summary>
    public async Task<List<ArtifactVersion>> OfTaskAsync(long streamKey, string taskId,
        CancellationToken cancel)
    {
        var (found, looked) = (new List<ArtifactVersion>(), 0);
        await foreach (var (_, version) in BackAsync(streamKey, cancel))
        {
            if (version?.TaskId == taskId)
            {
                found.Add(version);
            }
            if (++looked == LookedBackMax)
            {
                break;
            }
        }
        return found;
    }

    private async IAsyncEnumerable<(StoredEvent Stored, ArtifactVersion? Version)> BackAsync(long key,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (var before = int.MaxValue; ;)
        {
            var page = await PageAsync(key, before, cancel);
            foreach (var stored in page)
            {
                yield return (stored, ArtifactStream.VersionOf(stored.Type, stored.Payload));
                before = stored.Version;
            }
            if (page.Count < Page)
            {
                yield break;
            }
        }
    }

    private async Task<List<StoredEvent>> PageAsync(long key, int before, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("artifacts.tail"));
        command.Parameters.AddWithValue(key);
        command.Parameters.AddWithValue(before);
        command.Parameters.AddWithValue(Page);
        return await EventReader.ReadAsync(command, cancel);
    }
}
