using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Ledger;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>What artifacts are kept in.</summary>
public sealed record ArtifactParts(
    LedgerDatabase Database, TenantDirectory Tenants, BlobStore Blobs, SecretVault Vault);

/// <summary>A front matter that cannot be kept; carries every error at once.</summary>
public sealed class ArtifactRejectedException(ImmutableArray<Diagnostic> diagnostics)
    : Exception($"{diagnostics.Length} errors in the front matter; first: {diagnostics[0]}")
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}

/// <summary>What a look at an artifact's whole chain came to.</summary>
/// <param name="From">The oldest version that was looked at; more than 1 where the chain is longer than one
/// look.</param>
public sealed record ArtifactVerdict(string ArtifactId, int From, int To, ImmutableArray<AegisError> Faults);

/// <summary>Artifacts as tools and doors put, open and verify them.</summary>
public sealed class ArtifactDesk : IArtifactShelf
{
    /// <summary>Versions that one verification looks at, the newest.</summary>
    public const int VerifiedMax = 1_000;

    private const int ShownMax = 10;
    private const int Page = 50;
    private readonly ArtifactParts parts;
    private readonly ArtifactWriter writer;
    private readonly ArtifactReads reads;
    private readonly StreamReads streams;

    public ArtifactDesk(ArtifactParts parts, Func<ArtifactKeys, ArtifactWriter> writer)
    {
        (this.parts, reads, streams) =
            (parts, new ArtifactReads(parts.Database), new StreamReads(parts.Database));
        this.writer = writer(new ArtifactKeys(parts.Database, parts.Vault));
    }

    /// <summary>Makes the next version.</summary>
    /// <exception cref="ArtifactRejectedException">With everything that is wrong with a front
    /// matter.</exception>
    public async ValueTask<ArtifactVersion> PutAsync(
        Principal by, ArtifactPut put, CancellationToken cancel)
    {
        Check(put);
        var keys = await KeysAsync(by.Tenancy, cancel);
        return ArtifactRules.IsDocument(put.Path)
            ? await PutDocumentAsync(by, keys, put, cancel)
            : await PutFileAsync(by, keys, put, cancel);
    }

    /// <summary>For tools: a task fails with one error, which names every place.</summary>
    async ValueTask<ArtifactVersion> IArtifactShelf.PutAsync(
        Principal by, ArtifactPut put, CancellationToken cancel)
    {
        try
        {
            return await PutAsync(by, put, cancel);
        }
        catch (ArtifactRejectedException e)
        {
            throw new AegisException(e.Diagnostics[0].Error with
            {
                Message = string.Join("; ", e.Diagnostics.Take(ShownMax).Select(d =>
                    $"{d.At.File}:{d.At.Line}:{d.At.Column}: {d.Error.Message}")),
            });
        }
    }

    public async ValueTask<ArtifactContent?> OpenAsync(
        Tenancy tenancy, string id, int? version, CancellationToken cancel)
    {
        var keys = await KeysAsync(tenancy, cancel);
        return await reads.FindAsync(keys, id, version, cancel) is { } found
            ? new ArtifactContent(found, OpenBytes(tenancy, found, verify: false))
            : null;
    }

    /// <summary>Looks at the facts, not at rows made from them: each version's hash, signature and content,
    /// and that each follows the one before. Null where there is no such artifact.</summary>
    public async ValueTask<ArtifactVerdict?> VerifyAsync(Tenancy tenancy, string id, CancellationToken cancel)
    {
        var keys = await KeysAsync(tenancy, cancel);
        if (await reads.FindAsync(keys, id, null, cancel) is not { } newest)
        {
            return null;
        }
        var faults = ImmutableArray.CreateBuilder<AegisError>();
        var chain = new List<ArtifactRecord>();
        var after = Math.Max(0, newest.Version - VerifiedMax);
        while (await streams.PageAsync(keys, ArtifactStream.Of(id), after, Page, cancel) is
            { Events.Count: > 0 } page)
        {
            foreach (var stored in page.Events)
            {
                after = stored.Version;
                if (ArtifactStream.VersionOf(stored.Type, stored.Payload) is { } version)
                {
                    chain.AddRange(await VerifyAsync(tenancy, version, faults, cancel));
                }
                else if (ArtifactStream.IsVersion(stored.Type))
                {
                    faults.Add(new AegisError("AEGIS1169", $"the record of event {stored.Version} of {id} "
                        + "was erased", Mend: "audit verify names who erased it and why"));
                }
            }
        }
        faults.AddRange(ArtifactChain.Faults(chain));
        return new ArtifactVerdict(id, chain.Count == 0 ? 0 : chain.Min(v => v.Version), newest.Version,
            faults.ToImmutable());
    }

    private async Task<IEnumerable<ArtifactRecord>> VerifyAsync(Tenancy tenancy, ArtifactVersion version,
        ImmutableArray<AegisError>.Builder faults, CancellationToken cancel)
    {
        byte[] content;
        try
        {
            await using var bytes = OpenBytes(tenancy, version, verify: true);
            content = await ReadAsync(bytes, version, cancel);
        }
        catch (BlobException e)
        {
            faults.Add(new AegisError("AEGIS1167", $"the content of {version.ArtifactId} version "
                + $"{version.Version} is not what was stored", version.ContentHash, e.Message));
            content = Encoding.UTF8.GetBytes(version.Document ? "" : version.Header ?? "");
        }
        catch (AegisException e)
        {
            faults.Add(e.Error);
            content = Encoding.UTF8.GetBytes(version.Document ? "" : version.Header ?? "");
        }
        var read = FrontMatterReader.ReadSealed(content, $"{version.ArtifactId}@{version.Version}");
        if (read.Value is not { } found)
        {
            faults.AddRange(content.Length == 0 ? [] : read.Diagnostics.Select(d => d.Error));
            return [];
        }
        if (ArtifactSeal.Fault(found, version.PublicKey) is { } fault)
        {
            faults.Add(fault);
        }
        else if (found.Record.ContentHash is { } hash && hash != $"sha256:{version.ContentHash}")
        {
            faults.Add(new AegisError("AEGIS1167", $"{ArtifactSeal.Named(found.Record)} names other content "
                + "than its fact", version.ContentHash, hash));
        }
        return [found.Record];
    }

    /// <summary>A document's bytes; of another file, which is hashed in passing, its front matter.</summary>
    private static async Task<byte[]> ReadAsync(
        Stream bytes, ArtifactVersion version, CancellationToken cancel)
    {
        if (version.Document)
        {
            using var whole = new MemoryStream();
            await bytes.CopyToAsync(whole, cancel);
            return whole.ToArray();
        }
        await bytes.CopyToAsync(Stream.Null, cancel);
        return Encoding.UTF8.GetBytes(version.Header ?? "");
    }

    private Stream OpenBytes(Tenancy tenancy, ArtifactVersion version, bool verify)
    {
        try
        {
            return parts.Blobs.OpenRead(ArtifactWriter.Folder(tenancy),
                new BlobRef(version.ContentHash, version.Bytes), verify);
        }
        catch (BlobException e) when (e.Fault == BlobFault.Missing)
        {
            throw ArtifactErrors.ContentGone(version.ArtifactId, version.Version);
        }
    }

    private async Task<ArtifactVersion> PutDocumentAsync(
        Principal by, TenancyKeys keys, ArtifactPut put, CancellationToken cancel)
    {
        var bytes = await ArtifactPutRules.ReadDocumentAsync(put, cancel);
        var read = FrontMatterReader.ReadDraft(
            bytes, put.Path, new ArtifactOwner(put.Id, by.Tenancy.Tenant, by.Tenancy.Project));
        if (read.Value is not { } draft)
        {
            throw new ArtifactRejectedException(read.Diagnostics);
        }
        var record = ArtifactPutRules.Draft(by, put, draft);
        return await writer.PutAsync(
            by.Tenancy, keys, new NewArtifact(record, draft.Body, null, put.ExpectedVersion), cancel);
    }

    private async Task<ArtifactVersion> PutFileAsync(
        Principal by, TenancyKeys keys, ArtifactPut put, CancellationToken cancel)
    {
        BlobRef blob;
        await using (var file = parts.Blobs.CreateWriter(
            ArtifactWriter.Folder(by.Tenancy), ArtifactLimits.FileBytesMax))
        {
            try
            {
                await put.Content.CopyToAsync(file, cancel);
            }
            catch (BlobException e) when (e.Fault == BlobFault.TooLarge)
            {
                throw ArtifactPutRules.TooLarge(put.Path, ArtifactLimits.FileBytesMax);
            }
            blob = await file.CompleteAsync(cancel);
        }
        var record = ArtifactPutRules.Draft(by, put, null) with
        {
            MediaType = put.MediaType ?? ArtifactRules.MediaTypeOf(put.Path),
            ContentHash = $"sha256:{blob.Hash}",
            ContentBytes = blob.Bytes,
        };
        return await writer.PutAsync(
            by.Tenancy, keys, new NewArtifact(record, default, blob, put.ExpectedVersion), cancel);
    }

    private static void Check(ArtifactPut put)
    {
        if (ArtifactPutRules.Fault(put) is { } fault)
        {
            throw new AegisException(fault);
        }
    }

    private async Task<TenancyKeys> KeysAsync(Tenancy tenancy, CancellationToken cancel) =>
        await parts.Tenants.ResolveAsync(tenancy, cancel)
        ?? throw new AegisException(new AegisError("AEGIS5025", $"there is no project {tenancy}"));
}
