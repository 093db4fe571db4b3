using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Audit;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Artifacts;

/// <summary>A version as it comes: a draft of its record (its version, times, key and hashes are made here)
/// with the body of a document, or with the blob of another file.</summary>
/// <param name="ExpectedVersion">What the newest version must be, 0 for none; null for whatever it
/// is.</param>
public sealed record NewArtifact(ArtifactRecord Draft, ReadOnlyMemory<byte> Body, BlobRef? File,
    int? ExpectedVersion = null);

/// <summary>
/// Makes versions. 1. read the end of the artifact's stream; 2. a task that puts again what it has put
/// already (an attempt after a crash) gets that version; 3. seal the record behind the version before it;
/// 4. keep the content; 5. append the fact: the stream takes each number once, so of two writers one comes
/// again; 6. write its row. Writers of one node queue up before 1, so that they do not come again in vain.
/// </summary>
public sealed class ArtifactWriter
{
    /// <summary>How often a version is begun anew because another node's came first.</summary>
    public const int TriesMax = 50;

    private readonly EngineLedger ledger;
    private readonly ArtifactTails tails;
    private readonly NpgsqlDataSource engine;
    private readonly long node;
    private readonly GroupCommit commit;
    private readonly ArtifactKeys signers;
    private readonly BlobStore blobs;
    private readonly TimeProvider time;

    // two artifacts may share one: they wait for each other, and nothing grows
    private readonly SemaphoreSlim[] queues = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    internal ArtifactWriter(EngineLedger ledger, ArtifactTails tails, NpgsqlDataSource engine, long node,
        GroupCommit commit, ArtifactKeys signers, BlobStore blobs, TimeProvider time)
    {
        (this.ledger, this.tails, this.engine, this.node) = (ledger, tails, engine, node);
        (this.commit, this.signers, this.blobs, this.time) = (commit, signers, blobs, time);
    }

    /// <summary>Where the content of a project's artifacts is.</summary>
    public static string Folder(Tenancy tenancy) => $"{tenancy.Tenant}/{tenancy.Project}";

    public async Task<ArtifactVersion> PutAsync(
        Tenancy tenancy, TenancyKeys keys, NewArtifact put, CancellationToken cancel)
    {
        using var signer = await signers.OpenAsync(tenancy, keys, cancel);
        var place = HashCode.Combine(keys, put.Draft.ArtifactId) & int.MaxValue;
        var queue = queues[place % queues.Length];
        await queue.WaitAsync(cancel);
        try
        {
            for (var tries = 0; tries < TriesMax; tries++)
            {
                if (await TryAsync(tenancy, keys, put, signer, cancel) is { } made)
                {
                    return made;
                }
            }
            throw ArtifactErrors.TooManyWriters(put.Draft.ArtifactId);
        }
        finally
        {
            queue.Release();
        }
    }

    /// <summary>Null where another writer came first.</summary>
    private async Task<ArtifactVersion?> TryAsync(Tenancy tenancy, TenancyKeys keys, NewArtifact put,
        ArtifactSigner signer, CancellationToken cancel)
    {
        var tail = await tails.FindAsync(keys, put.Draft.ArtifactId, cancel);
        if (tail is not null && await PutBeforeAsync(tail, put, cancel) is { } there)
        {
            await WriteRowAsync(keys, tail.StreamKey, there, cancel);
            return there;
        }
        Check(put, tail);
        var version = await SealedAsync(tenancy, put, tail, signer, cancel);
        var head = new StreamHead(tail?.StreamKey ?? ledger.Streams.NewKey(), keys, tenancy,
            ArtifactStream.Of(put.Draft.ArtifactId));
        if (tail is not null)
        {
            head.Resume(tail.StreamVersion, tail.Hash);
            await ReopenAsync(tail.StreamKey, cancel);
        }
        RunEvent fact = version.Version == 1
            ? new ArtifactProduced(null, 0, version)
            : new ArtifactUpdated(null, 0, version);
        var chained = head.Chain(fact.GetType().Name, version.UpdatedAt, RunEventCodec.Encode(fact));
        switch (await commit.AppendAsync(head, [chained], isNewStream: tail is null))
        {
            case AppendOutcome.Committed:
                await WriteRowAsync(keys, head.Key, version, CancellationToken.None);
                return version;
            case AppendOutcome.Fenced:
                throw ArtifactErrors.Fenced();
            default:
                return null;
        }
    }

    private static void Check(NewArtifact put, ArtifactTail? tail)
    {
        var there = tail is null ? 0 : (tail.Newest?.Version ?? 0) + tail.Erased;
        if (put.ExpectedVersion is { } expected && expected != there)
        {
            throw ArtifactErrors.NotExpected(put.Draft.ArtifactId, expected, there);
        }
        if (tail?.Newest is { } newest && newest.Document != put.Draft.IsDocument)
        {
            throw ArtifactErrors.OtherKind(put.Draft.ArtifactId, newest.Document);
        }
    }

    /// <summary>What this task put here before, if it is the same: sealed with that version's place and time
    /// it comes to the same hash.</summary>
    private async Task<ArtifactVersion?> PutBeforeAsync(
        ArtifactTail tail, NewArtifact put, CancellationToken cancel)
    {
        if (put.Draft.TaskId is not { } task)
        {
            return null;
        }
        foreach (var made in await tails.OfTaskAsync(tail.StreamKey, task, cancel))
        {
            var again = put.Draft with
            {
                Version = made.Version,
                HashPrev = made.HashPrev,
                Signer = made.Signer,
                KeyId = made.KeyId,
                CreatedAt = made.CreatedAt,
                UpdatedAt = made.UpdatedAt,
            };
            if (ArtifactSeal.HashOf(again, put.Body.Span) == made.HashCurr)
            {
                return made;
            }
        }
        return null;
    }

    private async Task<ArtifactVersion> SealedAsync(Tenancy tenancy, NewArtifact put, ArtifactTail? tail,
        ArtifactSigner signer, CancellationToken cancel)
    {
        var now = EventHash.FromMicroseconds(EventHash.Microseconds(time.GetUtcNow()));
        var before = tail?.Newest;
        var record = ArtifactSeal.Seal(put.Draft with
        {
            TenantId = tenancy.Tenant,
            ProjectId = tenancy.Project,
            Version = (before?.Version ?? 0) + (tail?.Erased ?? 0) + 1,
            HashPrev = before?.HashCurr,
            KeyId = signer.KeyId,
            CreatedAt = before?.CreatedAt ?? now,
            UpdatedAt = now,
        }, put.Body.Span, signer.Key);
        var header = FrontMatterWriter.Write(record);
        if (Encoding.UTF8.GetByteCount(header) is var length && length > ArtifactLimits.HeaderBytesMax)
        {
            throw ArtifactErrors.HeaderTooLong(record.ArtifactId, length);
        }
        var blob = put.File ?? await KeepAsync(tenancy, header, put.Body, cancel);
        return new ArtifactVersion(record.ArtifactId, record.Version, record.Path,
            record.MediaType ?? ArtifactRules.DocumentType, blob.Bytes, blob.Hash, record.HashPrev,
            record.HashCurr!, record.Signature!, record.KeyId, record.Signer, record.Status, record.TaskId,
            record.CreatedAt, record.UpdatedAt, record.IsDocument, header, signer.PublicKey);
    }

    private async Task<BlobRef> KeepAsync(
        Tenancy tenancy, string header, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        await using var writer = blobs.CreateWriter(Folder(tenancy));
        await writer.WriteAsync(Encoding.UTF8.GetBytes(header), cancel);
        await writer.WriteAsync(body, cancel);
        return await writer.CompleteAsync(cancel);
    }

    private async Task ReopenAsync(long streamKey, CancellationToken cancel)
    {
        await using var command = engine.CreateCommand(Sql.Get("artifacts.reopen"));
        command.Parameters.AddWithValue(streamKey);
        command.Parameters.AddWithValue(node);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task WriteRowAsync(
        TenancyKeys keys, long streamKey, ArtifactVersion version, CancellationToken cancel)
    {
        var batch = new ReadModelBatch();
        batch.Artifacts.Add(new ArtifactRow(keys, version));
        batch.ClosedStreams.Add(streamKey);
        await ledger.ReadModels.WriteAsync(batch, cancel);
    }
}
