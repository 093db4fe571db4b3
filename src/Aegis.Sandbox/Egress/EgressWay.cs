using System.Collections.Immutable;
using Aegis.Core.Runs;

namespace Aegis.Sandbox.Egress;

/// <summary>A command's way out, from before its start to after its end.</summary>
internal sealed class EgressWay(ProxyNetwork network, EgressOptions options) : IAsyncDisposable
{
    private readonly CommandAuthority? authority =
        network.HasAuthority ? new CommandAuthority(options.Time) : null;

    private readonly SocketHandOver handOver = SocketHandOver.Open();
    private Task serving = Task.CompletedTask;
    private EgressProxy? proxy;

    public Microsoft.Win32.SafeHandles.SafeFileHandle Theirs => handOver.Theirs;

    /// <summary>The certificates that the command is to trust; null for those of the system.</summary>
    public byte[]? Certificates() => authority?.Bundle();

    /// <summary>Whether the port came out of the sandbox; known when <see cref="EndAsync"/> has
    /// returned.</summary>
    public bool IsOpen => proxy is not null;

    /// <summary>The command's processes have their end.</summary>
    public void Started()
    {
        handOver.Theirs.Dispose();
        serving = ServeAsync();
    }

    /// <summary>Cuts what is left of the command's connections.</summary>
    public async Task<ImmutableArray<EgressFact>> EndAsync()
    {
        // no process of the command holds the other end any more: this has its answer
        await serving;
        if (proxy is null)
        {
            return [];
        }
        await proxy.DisposeAsync();
        return proxy.Facts;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        handOver.Dispose();
        authority?.Dispose();
    }

    private async Task ServeAsync()
    {
        if (await handOver.ReceiveAsync(CancellationToken.None) is { } listener)
        {
            proxy = new EgressProxy(listener, network, options, authority);
        }
    }
}
