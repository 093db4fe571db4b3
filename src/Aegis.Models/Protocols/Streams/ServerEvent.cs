namespace Aegis.Models.Protocols.Streams;

/// <summary>One event of a stream, valid until the next read.</summary>
/// <param name="Raw">As it came, with the empty line that ends it.</param>
/// <param name="Data">Its data lines; empty for a comment that keeps the line alive.</param>
public readonly record struct ServerEvent(ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Data);
