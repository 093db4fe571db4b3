namespace Aegis.Sandbox.Egress;

/// <summary>A client's connection of which some bytes were read already: those come first.</summary>
internal sealed class HeldStream(ReadOnlyMemory<byte> held, ByteSource source, Stream answers) : TwoWayStream
{
    private ReadOnlyMemory<byte> left = held;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        if (left.IsEmpty)
        {
            return source.ReadAsync(buffer, cancellationToken);
        }
        var count = Math.Min(left.Length, buffer.Length);
        left[..count].CopyTo(buffer);
        left = left[count..];
        return ValueTask.FromResult(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default) => answers.WriteAsync(buffer, cancellationToken);
}
