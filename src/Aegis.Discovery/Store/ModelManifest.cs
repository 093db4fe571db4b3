using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Store;

/// <summary>What a model consists of, as its hub states it.</summary>
/// <param name="Revision">The commit: what is loaded later is of the same one.</param>
public sealed record ModelManifest(string Model, string Revision, ImmutableArray<ManifestFile> Files)
{
    public const int FilesMax = 500;

    [JsonIgnore]
    public ModelName Name => ModelName.Parse(Model);

    [JsonIgnore]
    public long Bytes => Files.Sum(f => f.Bytes);

    /// <summary>The name of its folder.</summary>
    internal static string KeyOf(ModelName name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToString())))[..24];
}

/// <param name="Path">In the repository.</param>
/// <param name="Sha256">Null for a small file that git keeps itself.</param>
/// <param name="GitBlob">The SHA-1 by which git names such a file.</param>
public sealed record ManifestFile(string Path, long Bytes, string? Sha256, string? GitBlob = null);

/// <summary>A model in the store.</summary>
/// <param name="Pinned">Never thrown out to make room.</param>
/// <param name="UsedAt">Who was used longest ago goes first.</param>
public sealed record StoredModel(ModelManifest Manifest, bool Pinned, DateTimeOffset PulledAt,
    DateTimeOffset UsedAt);

/// <summary>A download that was not finished.</summary>
public sealed record HalfModel(ModelManifest Manifest, long BytesThere, bool IsRunning);

internal sealed record StoreIndex(int Version, ImmutableArray<IndexedModel> Models);

internal sealed record IndexedModel(
    string Model, bool Pinned, DateTimeOffset PulledAt, DateTimeOffset UsedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(StoreIndex))]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class StoreJson : JsonSerializerContext;
