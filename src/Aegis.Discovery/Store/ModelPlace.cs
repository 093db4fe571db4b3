using Aegis.Blobs;

namespace Aegis.Discovery.Store;

/// <summary>The room of one model that is being loaded. Disposed of before <see cref="FinishAll"/>, it leaves
/// what is there for another time.</summary>
internal sealed class ModelPlace(
    ModelStore store, StoreDisk disk, ModelManifest manifest, Func<string, Stream> open) : IDisposable
{
    private readonly string folder = disk.HalfFolder(manifest.Name);

    public ModelManifest Manifest => manifest;

    /// <summary>Whether a file was loaded and verified before.</summary>
    public bool IsDone(ManifestFile file) =>
        new FileInfo(Whole(file)) is { Exists: true } there && there.Length == file.Bytes;

    /// <summary>What is there of a file; a file of more than it should have is thrown away.</summary>
    public long HalfBytes(ManifestFile file)
    {
        var half = new FileInfo(Half(file));
        if (half.Exists && half.Length > file.Bytes)
        {
            half.Delete();
        }
        return half.Exists && half.Length <= file.Bytes ? half.Length : 0;
    }

    public FileStream Read(ManifestFile file) => File.OpenRead(Half(file));

    /// <summary>Opens a file for what follows.</summary>
    public Stream Open(ManifestFile file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Half(file))!, DurableFile.OwnerOnlyDirectory);
        return open(Half(file));
    }

    public void Discard(ManifestFile file) => File.Delete(Half(file));

    /// <summary>After it was verified.</summary>
    public void Finish(ManifestFile file) => disk.FinishFile(Whole(file));

    public StoredModel FinishAll() => store.Finish(manifest);

    public void Dispose() => store.Leave(manifest.Name);

    private string Whole(ManifestFile file) => Path.Combine(folder, file.Path);

    private string Half(ManifestFile file) => Whole(file) + StoreDisk.HalfEnding;
}
