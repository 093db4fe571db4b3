using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Engine;

/// <summary>What a put must hold, and the record that it comes to.</summary>
internal static class ArtifactPutRules
{
    /// <summary>Why this cannot be put, or null.</summary>
    public static AegisError? Fault(ArtifactPut put)
    {
        if (!ArtifactRules.IsPath(put.Path))
        {
            return Malformed("path", $"names below the workspace, at most {ArtifactLimits.PathCharsMax} "
                + "characters", put.Path);
        }
        if (put.Id is { } id && !IdRule.IsValid(id))
        {
            return Malformed("id", IdRule.Form, id);
        }
        if (put.Status is { } status && !ArtifactRules.Statuses.Contains(status))
        {
            return Malformed("status", ArtifactRules.StatusesShown, status);
        }
        if (put.MediaType is { } type && !ArtifactRules.IsMediaType(type))
        {
            return Malformed("media type", "such as application/json", type);
        }
        if (put.MediaType is { } other && ArtifactRules.IsDocument(put.Path)
            && other != ArtifactRules.DocumentType)
        {
            return Malformed("media type", $"{ArtifactRules.DocumentType}, as the path ends in .md", other);
        }
        var links = put.Links ?? [];
        if (links.Length > ArtifactLimits.LinksMax)
        {
            return new AegisError("AEGIS1166", "there are too many links",
                $"at most {ArtifactLimits.LinksMax}", $"{links.Length}");
        }
        return links.FirstOrDefault(l => !IdRule.IsValid(l.Type) || !ArtifactRules.IsLinkRef(l.Ref))
            is { } wrong
            ? new AegisError("AEGIS1163", "a link is malformed",
                $"a type such as depends_on, and a ref of 1 to {ArtifactLimits.LinkRefCharsMax} characters",
                $"{wrong.Type}: {wrong.Ref}")
            : null;
    }

    /// <summary>What the put says wins over what the file says; the writer fills in the rest.</summary>
    public static ArtifactRecord Draft(Principal by, ArtifactPut put, ArtifactDraft? file) => new()
    {
        ArtifactId = put.Id ?? file?.ArtifactId ?? ArtifactRules.IdOf(put.Path),
        TenantId = by.Tenancy.Tenant,
        ProjectId = by.Tenancy.Project,
        TaskId = put.TaskId,
        Path = put.Path,
        Version = 0,
        Signer = by.Actor,
        KeyId = "",
        Status = put.Status ?? file?.Status ?? ArtifactRules.DefaultStatus,
        CreatedAt = default,
        UpdatedAt = default,
        Links = put.Links ?? file?.Links ?? [],
        Extra = file?.Extra ?? [],
    };

    public static async Task<byte[]> ReadDocumentAsync(ArtifactPut put, CancellationToken cancel)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int got; (got = await put.Content.ReadAsync(buffer, cancel)) > 0;)
        {
            whole.Write(buffer, 0, got);
            if (whole.Length > ArtifactLimits.DocumentBytesMax)
            {
                throw TooLarge(put.Path, ArtifactLimits.DocumentBytesMax);
            }
        }
        return whole.ToArray();
    }

    public static AegisException TooLarge(string path, long max) => new(new AegisError("AEGIS1166",
        $"{path} is too large for an artifact", $"at most {max} bytes", null, "split it, or compress it"));

    private static AegisError Malformed(string what, string expected, string got) => new("AEGIS1161",
        $"the artifact's {what} is malformed", expected, got.Length <= 200 ? got : got[..200] + "…");
}
