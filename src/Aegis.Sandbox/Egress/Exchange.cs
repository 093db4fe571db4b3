using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Core.Runs;

namespace Aegis.Sandbox.Egress;

/// <summary>What all connections of one proxy share.</summary>
internal sealed class ProxyParts(ProxyNetwork network, EgressOptions options,
    CommandAuthority? authority = null)
{
    private readonly ConcurrentDictionary<(string, EgressTarget), BoundSecret> opened = new();

    public ProxyNetwork Network => network;

    public EgressLimits Limits => network.Limits;

    public EgressOptions Options => options;

    /// <summary>Null where TLS is never opened.</summary>
    public CommandAuthority? Authority => authority;

    public EgressTally Tally { get; } = new();

    public ByteBudget Bytes { get; } = new(network.Limits, options.Time);

    public TokenBucket Requests { get; } = new(network.Limits.RequestsPerSecond, options.Time);

    /// <summary>Everything that went out in a request so far.</summary>
    public IEnumerable<BoundSecret> Opened => opened.Values;

    public ImmutableArray<string> PlaceholdersAt(EgressTarget place) => network.Secrets?.At(place) ?? [];

    /// <summary>A secret for a place, opened once by a command; null where it may not go there.</summary>
    public async ValueTask<BoundSecret?> OpenAsync(string placeholder, EgressTarget place,
        CancellationToken cancel)
    {
        if (opened.TryGetValue((placeholder, place), out var known))
        {
            return known;
        }
        return await network.Secrets!.OpenAsync(placeholder, place, cancel) is { } value
            ? opened.GetOrAdd((placeholder, place), new BoundSecret(placeholder, value)) : null;
    }
}

/// <summary>One request or tunnel, from its decision to its row of the tally.</summary>
internal sealed class Exchange(ProxyParts parts)
{
    private long bytesOut;
    private long bytesIn;

    public string Host { get; set; } = "";

    public int Port { get; set; }

    public string Method { get; set; } = "";

    public string? Rule { get; private set; }

    /// <summary>Whether the client has had an answer, so that none of the proxy's can follow.</summary>
    public bool Answered { get; set; }

    /// <summary>Default is deny; a name that no entry covers is never looked up.</summary>
    public void Decide(EgressTarget target)
    {
        var decision = EgressPolicy.Decide(parts.Network.Allow, target, parts.Network.Ceiling);
        Rule = decision.Rule?.Text;
        if (decision.Error is { } error)
        {
            throw EgressErrors.Denied(error);
        }
    }

    /// <summary>Whether any entry may cover what is asked of a place later.</summary>
    public void DecidePlace(EgressTarget place)
    {
        var decision = EgressPolicy.DecidePlace(parts.Network.Allow, place, parts.Network.Ceiling);
        Rule = decision.Rule?.Text;
        if (decision.Error is { } error)
        {
            throw EgressErrors.Denied(error);
        }
    }

    /// <summary>Connects to an address that was judged: what the name stands for later changes
    /// nothing.</summary>
    public async ValueTask<Stream> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        try
        {
            return await parts.Options.Dial.ConnectAsync(
                address => parts.Options.Permits(host, port, address), host, port,
                new AegisException(NotPublic(host, port)), cancel);
        }
        catch (AegisException e)
        {
            throw EgressErrors.Denied(e.Error);
        }
        catch (SocketException e)
        {
            throw EgressErrors.NotReached(host, e.SocketErrorCode is SocketError.HostNotFound
                or SocketError.TryAgain or SocketError.NoData ? "its name is not known"
                : "there is no connection");
        }
    }

    public async ValueTask OutAsync(int bytes, CancellationToken cancel)
    {
        await parts.Bytes.TakeAsync(bytes, cancel);
        Interlocked.Add(ref bytesOut, bytes);
    }

    public async ValueTask InAsync(int bytes, CancellationToken cancel)
    {
        await parts.Bytes.TakeAsync(bytes, cancel);
        Interlocked.Add(ref bytesIn, bytes);
    }

    /// <param name="denied">The code of the refusal, or null.</param>
    public void Record(string? denied) =>
        parts.Tally.Add(new EgressFact(Host, Port, Method, Rule, denied, 1, bytesOut, bytesIn));

    // the address itself is not shown: it would tell a command what the host's network looks like
    private static AegisError NotPublic(string host, int port) => new("AEGIS2162",
        $"{host} stands for an address that is not public", "an address of the open internet",
        "loopback, private, link-local or another special address",
        $"an administrator can name {host}:{port} in AEGIS_EGRESS_PRIVATE_HOSTS");
}
