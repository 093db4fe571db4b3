using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Signatures;

namespace Aegis.Core.Audit;

/// <summary>A stream's head when the checkpoint was made; the hash in lowercase hexadecimal.</summary>
public sealed record CheckpointHead(string Stream, int Version, string Hash);

/// <summary>A project's part of a checkpoint: open (named, with the heads that are new since the last
/// checkpoint) or closed (only the digest, in the export of another project).</summary>
public sealed record CheckpointProject(string? Tenant, string? Project, ImmutableArray<CheckpointHead>? Heads,
    string? Leaf)
{
    [JsonIgnore]
    public bool IsOpen => Tenant is not null && Project is not null && Heads is not null;

    /// <summary>The digest of an open part: over its name and its heads, sorted by stream, one a
    /// line.</summary>
    public string ComputeLeaf()
    {
        if (!IsOpen)
        {
            return Leaf ?? "";
        }
        var text = new StringBuilder($"aegis-checkpoint-project-1\n{Tenant}\n{Project}\n");
        foreach (var head in Heads!.Value)
        {
            text.Append(CultureInfo.InvariantCulture, $"{head.Stream} {head.Version} {head.Hash}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public CheckpointProject Close() => new(null, null, null, ComputeLeaf());
}

/// <summary>
/// A signed statement, kept outside the database, of the streams' heads that are new since the checkpoint
/// before it. Together they fix every event up to the last one, so that a removed tail, a removed stream or a
/// rewritten chain can be named. Only what is new: a full list each time would grow without bound.
/// </summary>
public sealed record Checkpoint(string Format, string Home, int Sequence, long At, string Previous,
    string Watermark,
    ImmutableArray<CheckpointProject> Projects, string Root, string Signature)
{
    public const string FormatName = "aegis-checkpoint-1";

    /// <summary>What the first checkpoint has as its predecessor.</summary>
    public static string NoPrevious { get; } = new('0', 64);

    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>SHA-256 of the statement: what the next checkpoint names as its predecessor.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(SHA256.HashData(Statement()));

    public static string ComputeRoot(ImmutableArray<CheckpointProject> projects) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(projects.Select(p => p.ComputeLeaf()
            + "\n")))));

    public static Checkpoint Sign(string home, int sequence, long atMicroseconds, string previous,
        string watermark,
        ImmutableArray<CheckpointProject> projects, ECDsa key)
    {
        var unsigned = new Checkpoint(FormatName, home, sequence, atMicroseconds, previous, watermark,
            projects,
            ComputeRoot(projects), "");
        return unsigned with
        {
            Signature = P256Signature.Sign(key, unsigned.Statement()),
        };
    }

    /// <summary>What does not hold about this checkpoint alone, or null.</summary>
    public string? Fault(ECDsa key)
    {
        if (Format != FormatName)
        {
            return $"its format is '{Format}'";
        }
        if (Projects.IsDefault || ComputeRoot(Projects) != Root)
        {
            return "its heads are not those that were signed";
        }
        return P256Signature.IsBy(key, Statement(), Signature)
            ? null
            : "its signature is not by the ledger's key";
    }

    // seven lines without a final line feed; none of the parts can hold one
    private byte[] Statement() => Encoding.UTF8.GetBytes(
        $"{FormatName}\n{Home}\n{Sequence}\n{At}\n{Previous}\n{Watermark}\n{Root}");
}
