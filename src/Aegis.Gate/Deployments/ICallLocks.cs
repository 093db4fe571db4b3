namespace Aegis.Gate.Deployments;

/// <summary>Port filled by the engine: locks that a call holds while it changes what others use.</summary>
public interface ICallLocks
{
    /// <summary>Throws <see cref="Core.Errors.AegisException"/> where another has it, at once.</summary>
    /// <param name="resource">A name of the project's, such as <c>deploy/site</c>.</param>
    /// <param name="callId">Shown to those that are refused meanwhile.</param>
    ValueTask<IHeldLock> TakeAsync(
        Principal by, string resource, string callId, CancellationToken cancel);
}

/// <summary>A lock until it is disposed of. It is renewed meanwhile.</summary>
public interface IHeldLock : IAsyncDisposable
{
    /// <summary>Cancelled when it is not this call's any more.</summary>
    CancellationToken Lost { get; }
}

/// <summary>What an execution without an engine holds.</summary>
internal sealed class NoLock : IHeldLock
{
    public static NoLock Instance { get; } = new();

    public CancellationToken Lost => CancellationToken.None;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
