using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Artifacts;

/// <summary>Whether versions follow each other: each names the hash of the one before it.</summary>
public static class ArtifactChain
{
    /// <summary>What does not hold between these versions of one artifact, in their order. A chain may begin
    /// late (its older versions are elsewhere), but it has no gap.</summary>
    public static ImmutableArray<AegisError> Faults(IEnumerable<ArtifactRecord> versions)
    {
        var sorted = versions.OrderBy(v => v.Version).ToList();
        var faults = ImmutableArray.CreateBuilder<AegisError>();
        if (sorted is [{ Version: 1, HashPrev: not null } first, ..])
        {
            faults.Add(Broken(first, "no hash_prev", first.HashPrev));
        }
        for (var i = 1; i < sorted.Count; i++)
        {
            var (before, now) = (sorted[i - 1], sorted[i]);
            if ((now.TenantId, now.ProjectId, now.ArtifactId)
                != (before.TenantId, before.ProjectId, before.ArtifactId))
            {
                faults.Add(new AegisError("AEGIS1169", "the files are not of one artifact", Whole(before),
                    Whole(now), "verify each artifact for itself"));
            }
            else if (now.Version != before.Version + 1)
            {
                faults.Add(new AegisError("AEGIS1169", now.Version == before.Version
                        ? $"version {now.Version} stands there twice"
                        : $"versions between {before.Version} and {now.Version} are missing",
                    $"version {before.Version + 1}", $"version {now.Version}", "add the missing file"));
            }
            else if (now.HashPrev != before.HashCurr)
            {
                faults.Add(Broken(now, before.HashCurr ?? "", now.HashPrev));
            }
        }
        return faults.ToImmutable();
    }

    private static AegisError Broken(ArtifactRecord version, string expected, string? got) =>
        new("AEGIS1169", $"{ArtifactSeal.Named(version)} does not follow the version before it", expected,
            got ?? "no hash_prev", "one of the two is not the version that the server made");

    private static string Whole(ArtifactRecord r) => $"{r.TenantId}/{r.ProjectId}/{r.ArtifactId}";
}
