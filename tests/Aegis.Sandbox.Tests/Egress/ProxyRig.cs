using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aegis.Core.Policy;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>A proxy on a Unix socket, and raw bytes to it.</summary>
internal sealed class ProxyRig : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-egress-tests-").FullName;
    private readonly EndPoint address;

    public ProxyRig(string[] allow, string[]? privateHosts = null, EgressLimits? limits = null,
        IEgressSecrets? secrets = null, Func<string, IPAddress[]>? names = null, TimeProvider? time = null,
        X509Certificate2Collection? roots = null, EgressDial? dial = null, string[]? ceiling = null,
        CommandAuthority? authority = null)
    {
        address = new UnixDomainSocketEndPoint(Path.Combine(folder, "e"));
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        Proxy = new EgressProxy(listener, new ProxyNetwork([.. allow], limits ?? new EgressLimits(), secrets)
            {
                Ceiling = ceiling is null ? null : [.. ceiling],
            },
            new EgressOptions
            {
                PrivateHosts = [.. privateHosts ?? allow],
                Dial = dial ?? (names is null ? EgressDial.BySystem
                    : new EgressDial((name, _) => Task.FromResult(names(name)))),
                Time = time ?? TimeProvider.System,
                TrustedRoots = roots,
            }, authority);
    }

    public EgressProxy Proxy { get; }

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Everything that comes back until the proxy closes.</summary>
    public async Task<string> AskAsync(string request)
    {
        await using var stream = await ConnectAsync();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await RestAsync(stream);
    }

    /// <summary>A GET in absolute form, whose connection is closed afterwards.</summary>
    public Task<string> GetAsync(string url, string headers = "", string method = "GET") => AskAsync(
        $"{method} {url} HTTP/1.1\r\nHost: {new Uri(url).Authority}\r\nConnection: close\r\n{headers}\r\n");

    public static async Task<string> RestAsync(Stream stream)
    {
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all);
        }
        catch (IOException)
        {
            // reset: what came until then
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Directory.Delete(folder, true);
    }
}

/// <summary>Secrets of one host, at any port; counts what is opened.</summary>
internal sealed class FixedSecrets(string host, params BoundSecret[] secrets) : IEgressSecrets
{
    public ImmutableSortedDictionary<string, string> Variables { get; } = secrets
        .Select((secret, i) => (Name: $"AEGIS_SECRET_{i}", secret.Placeholder))
        .ToImmutableSortedDictionary(secret => secret.Name, secret => secret.Placeholder);

    public ConcurrentQueue<EgressTarget> Opened { get; } = new();

    public ImmutableArray<string> At(EgressTarget place) =>
        place.Host == host ? [.. secrets.Select(secret => secret.Placeholder)] : [];

    public ValueTask<string?> OpenAsync(string placeholder, EgressTarget place, CancellationToken cancel)
    {
        Opened.Enqueue(place);
        return ValueTask.FromResult<string?>(
            secrets.First(secret => secret.Placeholder == placeholder).Value);
    }
}
