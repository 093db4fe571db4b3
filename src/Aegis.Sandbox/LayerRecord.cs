using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Sandbox;

/// <summary>What stands beside a sealed layer. Its presence is the seal: it is written last, and
/// atomically.</summary>
internal sealed record LayerRecord(string StepId, int Attempt, bool Empty, long BytesUsed, int EntryCount,
    ImmutableArray<string> Lineage)
{
    public SealedLayer AsLayer() => new(Empty ? null : WorkspacePaths.LayerId(StepId, Attempt), BytesUsed,
        EntryCount,
        Lineage);

    public static LayerRecord? TryRead(string path) => File.Exists(path)
        ? JsonSerializer.Deserialize<LayerRecord>(File.ReadAllBytes(path))
        : null;

    /// <param name="durably">False for an empty layer: what can be made again needs no disk.</param>
    public void Write(string path, bool durably = true)
    {
        var fresh = path + ".new";
        using (var file = File.Create(fresh))
        {
            JsonSerializer.Serialize(file, this);
            file.Flush(flushToDisk: durably);
        }
        File.Move(fresh, path, overwrite: true);
        if (!durably)
        {
            return;
        }
        using var folder = Libc.OpenFolder(Path.GetDirectoryName(path)!);
        _ = Libc.fsync(folder);
    }
}
