using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Blobs;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Store;

/// <summary>
/// The store's folders: <c>models/KEY</c> holds a whole model with its manifest, <c>half/KEY</c> one that is
/// being loaded, <c>trash</c> what is on its way out. Each step here is whole or not done after a kill; what
/// two steps do together, <see cref="StoreRecovery"/> puts right.
/// </summary>
/// <param name="step">Hears of each step before it is taken; a test dies there.</param>
internal sealed class StoreDisk(string root, Action<string>? step)
{
    public const string ManifestName = "manifest.json";
    public const string HalfEnding = ".part";

    private const int RecordBytesMax = 4 << 20;

    public string Models { get; } = Path.Combine(root, "models");

    public string Halves { get; } = Path.Combine(root, "half");

    public string Trash { get; } = Path.Combine(root, "trash");

    private string IndexFile => Path.Combine(root, "index.json");

    public void Make()
    {
        foreach (var folder in new[] { root, Models, Halves, Trash })
        {
            Directory.CreateDirectory(folder, DurableFile.OwnerOnlyDirectory);
        }
    }

    public string ModelFolder(ModelName name) => Path.Combine(Models, ModelManifest.KeyOf(name));

    public string HalfFolder(ModelName name) => Path.Combine(Halves, ModelManifest.KeyOf(name));

    public StoreIndex? ReadIndex() => Read(IndexFile, StoreJson.Default.StoreIndex);

    public void WriteIndex(StoreIndex index)
    {
        step?.Invoke("index");
        DurableFile.Write(IndexFile,
            JsonSerializer.SerializeToUtf8Bytes(index, StoreJson.Default.StoreIndex));
    }

    /// <summary>Null where there is none, or it is of another folder.</summary>
    public static ModelManifest? ReadManifest(string folder)
    {
        var read = Read(Path.Combine(folder, ManifestName), StoreJson.Default.ModelManifest);
        try
        {
            return read is { Model: not null, Revision: not null, Files.IsDefaultOrEmpty: false }
                && ModelManifest.KeyOf(read.Name) == Path.GetFileName(folder)
                && read.Files.All(f => ModelName.IsPath(f.Path)) ? read : null;
        }
        catch (Core.Errors.AegisException)
        {
            return null;
        }
    }

    public void BeginHalf(ModelManifest manifest)
    {
        var folder = HalfFolder(manifest.Name);
        step?.Invoke("half");
        Directory.CreateDirectory(folder, DurableFile.OwnerOnlyDirectory);
        DurableFile.Write(Path.Combine(folder, ManifestName),
            JsonSerializer.SerializeToUtf8Bytes(manifest, StoreJson.Default.ModelManifest));
        DurableFile.SyncDirectory(Halves);
    }

    /// <summary>The half file becomes the whole one.</summary>
    public void FinishFile(string whole)
    {
        step?.Invoke("file");
        DurableFile.Replace(whole + HalfEnding, whole);
    }

    /// <summary>The half model becomes the model; one that stands in its place goes.</summary>
    public void FinishModel(ModelName name)
    {
        var (half, whole) = (HalfFolder(name), ModelFolder(name));
        if (Directory.Exists(whole))
        {
            MoveToTrash(whole);
        }
        step?.Invoke("model");
        Directory.Move(half, whole);
        DurableFile.SyncDirectory(Halves);
        DurableFile.SyncDirectory(Models);
    }

    /// <summary>Out of the way at once, whatever happens next.</summary>
    public void MoveToTrash(string folder)
    {
        step?.Invoke("trash");
        Directory.Move(folder, Path.Combine(Trash, Path.GetRandomFileName()));
        DurableFile.SyncDirectory(Path.GetDirectoryName(folder)!);
    }

    public void EmptyTrash()
    {
        foreach (var folder in Directory.EnumerateDirectories(Trash))
        {
            step?.Invoke("empty");
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whether each file stands there in its length.</summary>
    public static bool IsWhole(string folder, ModelManifest manifest) =>
        manifest.Files.All(f => new FileInfo(Path.Combine(folder, f.Path)) is { Exists: true } there
            && there.Length == f.Bytes);

    /// <summary>What of a half model is there.</summary>
    public static long BytesThere(string folder, ModelManifest manifest) =>
        manifest.Files.Sum(f => Math.Max(Length(Path.Combine(folder, f.Path)),
            Length(Path.Combine(folder, f.Path + HalfEnding))));

    /// <summary>Whether another program has one of its files open or mapped.</summary>
    public static bool IsOpenElsewhere(string folder, ModelManifest manifest) =>
        manifest.Files.Select(f => Path.Combine(folder, f.Path)).Where(File.Exists).Any(path =>
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return Libc.IsOpenElsewhere(file);
        });

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= RecordBytesMax }
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
