using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Engine;
using Aegis.Ledger.Artifacts;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Artifacts;

/// <summary>A version put by hand. Exactly one of Content and ContentBase64.</summary>
public sealed record PutArtifactRequest : DoorRequest
{
    /// <summary>Left out: what a document's front matter names, or the id of the path.</summary>
    [Id]
    public string? Id { get; init; }

    [Chars(1, ArtifactLimits.PathCharsMax)]
    public required string Path { get; init; }

    public string? Content { get; init; }

    public string? ContentBase64 { get; init; }

    [OneOf(ArtifactAnswer.Statuses)]
    public string? Status { get; init; }

    [Items(0, ArtifactLimits.LinksMax)]
    public ImmutableArray<ArtifactLinkRequest>? Links { get; init; }

    [Chars(1, ArtifactLimits.MediaTypeCharsMax)]
    public string? MediaType { get; init; }

    /// <summary>The newest version that this one builds on, 0 for none.</summary>
    public int? ExpectedVersion { get; init; }
}

public sealed record ArtifactLinkRequest(string Type, string Ref);

public sealed record LinkArtifactRequest : DoorRequest
{
    public int? Version { get; init; }

    /// <summary>Milliseconds, or text such as 15m.</summary>
    public JsonElement? ExpiresIn { get; init; }
}

public sealed record ArtifactAnswer(string ArtifactId, int Version, string Path, string MediaType,
    bool Document, [property: OneOf(ArtifactAnswer.Statuses)] string Status, long Bytes,
    string ContentHash, string? HashPrev, string HashCurr,
    string Signature, string KeyId, string Signer, string? TaskId, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public const string Statuses = "draft in_progress in_review complete rejected obsolete";

    public static ArtifactAnswer Of(ArtifactVersion v) => new(v.ArtifactId, v.Version, v.Path, v.MediaType,
        v.Document, v.Status, v.Bytes, $"sha256:{v.ContentHash}", v.HashPrev, v.HashCurr, v.Signature,
        v.KeyId, v.Signer, v.TaskId, v.CreatedAt, v.UpdatedAt);
}

/// <param name="FrontMatter">To the byte as it was sealed.</param>
/// <param name="Extra">The author's own members.</param>
public sealed record ArtifactDetailAnswer(ArtifactAnswer Artifact, string FrontMatter,
    ImmutableArray<ArtifactLink> Links, IReadOnlyDictionary<string, JsonElement> Extra)
{
    public static ArtifactDetailAnswer Of(ArtifactVersion version)
    {
        var header = version.Header ?? "";
        var read = FrontMatterReader.ReadSealed(Encoding.UTF8.GetBytes(header), version.Path).Value?.Record;
        return new ArtifactDetailAnswer(ArtifactAnswer.Of(version), header, read?.Links ?? [],
            (read?.Extra ?? []).ToDictionary(e => e.Name, e => JsonElement.Parse(e.Json)));
    }
}

/// <param name="Path">On this server; works without a key until it expires.</param>
public sealed record DownloadLinkAnswer(string Path, int Version, DateTimeOffset ExpiresAt);

/// <param name="From">The oldest version that was looked at.</param>
public sealed record ArtifactVerdictAnswer(string ArtifactId, bool Ok, int From, int To,
    IReadOnlyList<ArtifactFaultAnswer> Faults)
{
    public static ArtifactVerdictAnswer Of(ArtifactVerdict v) => new(v.ArtifactId, v.Faults.IsEmpty, v.From,
        v.To, [.. v.Faults.Select(f => new ArtifactFaultAnswer(f.Code, f.Message, f.Expected, f.Got))]);
}

public sealed record ArtifactFaultAnswer(string Code, string Message, string? Expected, string? Got);

/// <param name="PublicKey">PEM of the SubjectPublicKeyInfo.</param>
public sealed record ArtifactKeyAnswer(string KeyId, string PublicKey, DateTimeOffset CreatedAt)
{
    public static ArtifactKeyAnswer Of(ArtifactPublicKey k) => new(k.KeyId, k.Pem, k.CreatedAt);
}
