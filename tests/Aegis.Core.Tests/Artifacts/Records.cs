using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Artifacts;
using Aegis.Core.Signatures;

namespace Aegis.Core.Tests.Artifacts;

/// <summary>Records and sealed files for these tests.</summary>
internal static class Records
{
    public static readonly ArtifactOwner Owner = new(null, "t-medluxe", "p-q4-2025");

    public static ArtifactRecord Of(int version = 1, string? prev = null) => new()
    {
        ArtifactId = "artf_report",
        TenantId = "t-medluxe",
        ProjectId = "p-q4-2025",
        TaskId = "run_1.report",
        Path = "docs/año nuevo.md",
        Version = version,
        HashPrev = prev,
        Signer = "key:agent-42",
        KeyId = new string('0', 32),
        Status = "in_progress",
        CreatedAt = new DateTimeOffset(2025, 11, 8, 13, 42, 0, TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(2025, 11, 8, 13, 58, 12, TimeSpan.Zero).AddMicroseconds(345_678),
        Links = [new("depends_on", "T-123.4.0"), new("see", "a: \"b\" # c")],
        Extra = [new("reviewed", "true"), new("tags", """["x", {"a": 1.5, "b": null}]""")],
    };

    public static byte[] File(ArtifactRecord record, byte[] body) =>
        [.. Encoding.UTF8.GetBytes(FrontMatterWriter.Write(record)), .. body];

    public static ArtifactRecord Sealed(ECDsa key, byte[] body, int version = 1, string? prev = null) =>
        ArtifactSeal.Seal(Of(version, prev) with
        {
            KeyId = P256Signature.KeyId(key.ExportSubjectPublicKeyInfo()),
        }, body, key);
}
