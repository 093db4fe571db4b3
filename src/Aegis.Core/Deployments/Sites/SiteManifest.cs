using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Deployments.Sites;

/// <summary>A file of a built site.</summary>
/// <param name="Path">Relative, with slashes.</param>
public sealed record SiteFile(string Path, string Sha256, long Bytes)
{
    [JsonIgnore]
    public string ContentType => WebFiles.TypeOf(Path);

    [JsonIgnore]
    public string CacheControl => WebFiles.CacheOf(Path);
}

/// <summary>A file as it was put where browsers read it.</summary>
/// <param name="Etag">What the bucket called it then: it changes when anybody writes over it.</param>
public sealed record PlacedFile(string Path, string Sha256, long Bytes, string? Etag);

/// <summary>What a release is made of, as the bucket keeps it.</summary>
/// <param name="History">Releases that can be gone back to, this one first.</param>
/// <param name="Left">Files of earlier releases that this one does not have and nobody asked to
/// remove.</param>
public sealed record SiteManifest(string Release, string Name, ImmutableArray<PlacedFile> Files,
    ImmutableArray<string> History, ImmutableArray<PlacedFile> Left)
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same for the same files, whoever builds them and when.</summary>
    public static string IdOf(IEnumerable<SiteFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\0{file.Sha256}\n"));
        }
        return "rel_" + Convert.ToHexStringLower(hash.GetHashAndReset())[..24];
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Form);

    /// <summary>Null for what is no manifest.</summary>
    public static SiteManifest? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<SiteManifest>(json, Form) is { Release: not null } read
                && !read.Files.IsDefault && !read.History.IsDefault && !read.Left.IsDefault ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
