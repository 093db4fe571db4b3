using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>Cuts the first TLS record that is written into records of seven bytes, each sent in two
/// pieces.</summary>
internal sealed class SmallRecords(Stream inner) : TwoWayStream
{
    private bool isCut;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        if (isCut)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }
        isCut = true;
        foreach (var piece in buffer[5..].ToArray().Chunk(7))
        {
            byte[] record = [22, 3, 1, 0, (byte)piece.Length, .. piece];
            await inner.WriteAsync(record.AsMemory(0, 3), cancellationToken);
            await inner.WriteAsync(record.AsMemory(3), cancellationToken);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);
}
