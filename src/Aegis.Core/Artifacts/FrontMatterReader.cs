using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Artifacts;

/// <summary>What a file that somebody wrote says of itself.</summary>
/// <param name="Links">Null where it does not say.</param>
public sealed record ArtifactDraft(string? ArtifactId, string? Status, ImmutableArray<ArtifactLink>? Links,
    ImmutableArray<ArtifactExtra> Extra, ReadOnlyMemory<byte> Body);

/// <summary>A sealed file, read back.</summary>
public sealed record SealedArtifact(ArtifactRecord Record, ReadOnlyMemory<byte> Body);

/// <summary>Whose file it must be; a null id is not known yet.</summary>
public sealed record ArtifactOwner(string? ArtifactId, string TenantId, string ProjectId);

/// <summary>A value, or everything that is wrong.</summary>
public sealed record FrontMatterResult<T>(T? Value, ImmutableArray<Diagnostic> Diagnostics)
    where T : class;

/// <summary>Reads front matters in two ways. A draft comes from a person or an agent, who may have edited an
/// older version: what the product computes itself (version, hashes, times, signer) is passed over, and who
/// it says that it belongs to must be true. A sealed file must be in the canonical form, to the
/// byte.</summary>
public static class FrontMatterReader
{
    private static readonly Func<string, bool> IsId = id => IdRule.IsValid(id);

    public static FrontMatterResult<ArtifactDraft> ReadDraft(
        ReadOnlyMemory<byte> file, string fileName, ArtifactOwner owner)
    {
        var found = new DiagnosticList(fileName);
        var (members, body) = FrontMatterText.Read(file, found);
        if (members is null)
        {
            return new(found.IsEmpty ? new ArtifactDraft(null, null, null, [], file[body..]) : null,
                found.ToImmutable());
        }
        var fields = new FrontMatterFields(members, found);
        var id = fields.Optional("artifact_id", IsId, IdRule.Form);
        foreach (var (name, truth) in (ReadOnlySpan<(string, string?)>)[("artifact_id", owner.ArtifactId),
            ("tenant_id", owner.TenantId), ("project_id", owner.ProjectId)])
        {
            if (truth is not null && fields.Optional(name, IsId, IdRule.Form) is { } said && said != truth)
            {
                found.Add(members[name]!, "AEGIS1165", $"the file says that it has another {name}", truth,
                    said, $"take {name} out of the front matter: the server writes it");
            }
        }
        var draft = new ArtifactDraft(id, fields.Status(), fields.Links(), fields.Extra(), file[body..]);
        return new(found.IsEmpty ? draft : null, found.ToImmutable());
    }

    /// <summary>A sealed document, or the front matter of another file (its body is empty then).</summary>
    public static FrontMatterResult<SealedArtifact> ReadSealed(ReadOnlyMemory<byte> file, string fileName)
    {
        var found = new DiagnosticList(fileName);
        var (members, body) = FrontMatterText.Read(file, found);
        if (members is null)
        {
            if (found.IsEmpty)
            {
                found.Add(1, 1, "AEGIS1160", "the file has no front matter",
                    "a first line --- and the members of an artifact");
            }
            return new(null, found.ToImmutable());
        }
        var record = Record(new FrontMatterFields(members, found));
        if (found.IsEmpty
            && !file.Span[..body].SequenceEqual(Encoding.UTF8.GetBytes(FrontMatterWriter.Write(record))))
        {
            found.Add(members, "AEGIS1164", "the front matter is not in the canonical form",
                "the bytes that the server stored", null, "fetch the file again: some program rewrote it");
        }
        return new(found.IsEmpty ? new SealedArtifact(record, file[body..]) : null, found.ToImmutable());
    }

    private static ArtifactRecord Record(FrontMatterFields fields)
    {
        var isFile = fields.Has("content_hash");
        return new ArtifactRecord
        {
            ArtifactId = fields.Required("artifact_id", IsId, IdRule.Form),
            TenantId = fields.Required("tenant_id", IsId, IdRule.Form),
            ProjectId = fields.Required("project_id", IsId, IdRule.Form),
            TaskId = fields.Optional("task_id", ArtifactRules.IsLinkRef, "RUN.STEP"),
            Path = fields.Required("path", ArtifactRules.IsPath, "a path below the workspace"),
            MediaType = fields.Optional("media_type", ArtifactRules.IsMediaType, "a media type"),
            ContentHash = fields.Optional("content_hash", ArtifactRules.IsHash, "sha256:… of the file"),
            ContentBytes = isFile
                ? fields.Number("content_bytes", 0, ArtifactLimits.FileBytesMax)
                : null,
            Version = (int)fields.Number("version", 1, int.MaxValue),
            HashPrev = fields.Optional("hash_prev", ArtifactRules.IsHash, "sha256:…"),
            HashCurr = fields.Required("hash_curr", ArtifactRules.IsHash, "sha256:…"),
            Signer = fields.Required("signer", ArtifactRules.IsLinkRef, "who put it"),
            KeyId = fields.Required("key_id", ArtifactRules.IsKeyId, "32 hexadecimal digits"),
            SchemaVersion = fields.Required("schema_version",
                v => v == ArtifactRecord.SchemaVersionNow, ArtifactRecord.SchemaVersionNow),
            Status = fields.Status() ?? fields.Required("status", _ => true, ArtifactRules.StatusesShown),
            CreatedAt = fields.Time("created_at"),
            UpdatedAt = fields.Time("updated_at"),
            Links = fields.Links() ?? [],
            Extra = fields.Extra(),
            Signature = fields.Required("signature", s => s.Length <= 128, "base64"),
        };
    }
}
