namespace Aegis.Blobs;

/// <summary>Content by its lowercase hexadecimal SHA-256, and its length.</summary>
public sealed record BlobRef(string Hash, long Bytes);

/// <summary>What is wrong with a blob.</summary>
public enum BlobFault
{
    /// <summary>There is no such content in the folder.</summary>
    Missing,

    /// <summary>The bytes are not what the hash or the length says.</summary>
    Damaged,

    /// <summary>More was written than the writer's bound.</summary>
    TooLarge,
}

/// <summary>A fault of stored content. The text names no path.</summary>
public sealed class BlobException(BlobFault fault, string message) : IOException(message)
{
    public BlobFault Fault { get; } = fault;
}
