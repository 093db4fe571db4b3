using ModelContextProtocol.Client;

namespace Aegis.Gate.Federation;

/// <summary>The way to an outside server, and its end.</summary>
internal abstract class OutsideLine : IAsyncDisposable
{
    public abstract IClientTransport Transport { get; }

    /// <summary>Why the server has gone, where that is known.</summary>
    public virtual string? Trouble => null;

    /// <summary>Whether a request is cancelled by closing its connection, in that version.</summary>
    public virtual bool IsCancelledByClosing(string? version) => false;

    public abstract ValueTask DisposeAsync();
}
