using System.Globalization;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Core.Audit;

namespace Aegis.Ledger.Audit;

/// <summary>The checkpoints of a home: <c>checkpoints/00000001.json</c> and so on, outside PostgreSQL, one
/// file each, never changed.</summary>
public sealed class CheckpointDirectory
{
    public const int FileBytesMax = ExportVerifier.LineBytesMax;
    private readonly string _directory;

    public CheckpointDirectory(string home)
    {
        _directory = Path.Combine(home, "checkpoints");
        Directory.CreateDirectory(_directory, DurableFile.OwnerOnlyDirectory);
    }

    public string PathOf(int sequence) =>
        Path.Combine(_directory, sequence.ToString("00000000", CultureInfo.InvariantCulture) + ".json");

    /// <summary>The sequence numbers present, ascending.</summary>
    public IReadOnlyList<int> Sequences() =>
        [.. Directory.EnumerateFiles(_directory, "*.json")
            .Select(f => int.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None,
                CultureInfo.InvariantCulture, out var n) ? n : 0)
            .Where(n => n > 0).Order()];

    /// <summary>One checkpoint; null where the file is not one.</summary>
    public Checkpoint? Read(int sequence)
    {
        try
        {
            using var file = File.OpenRead(PathOf(sequence));
            return file.Length > FileBytesMax ? null : JsonSerializer.Deserialize<Checkpoint>(file,
                Checkpoint.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Checkpoint? ReadLast() => Sequences() is { Count: > 0 } all ? Read(all[^1]) : null;

    internal void Write(Checkpoint checkpoint)
    {
        var path = PathOf(checkpoint.Sequence);
        if (File.Exists(path))
        {
            throw new IOException($"checkpoint {checkpoint.Sequence} exists already");
        }
        DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(checkpoint, Checkpoint.Json));
    }
}
