namespace Aegis.Sandbox.Egress;

/// <summary>The bytes of a command, both directions of all connections: how many, and how fast.</summary>
internal sealed class ByteBudget(EgressLimits limits, TimeProvider time)
{
    private readonly TokenBucket rate = new(limits.BytesPerSecond, time);
    private long moved;

    /// <summary>Before they go on.</summary>
    public ValueTask TakeAsync(int bytes, CancellationToken cancel) =>
        Interlocked.Add(ref moved, bytes) <= limits.Bytes ? rate.TakeAsync(bytes, cancel)
            : throw EgressErrors.TooManyBytes(limits.Bytes);
}
