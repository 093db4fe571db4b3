using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

/// <summary>What a node's egress proxies share; an administrator's, never a workflow's.</summary>
public sealed record EgressOptions
{
    /// <summary><c>host:port</c> entries whose host may stand for an address that is not of the open
    /// internet. None by default: a workflow cannot reach what the server's own network keeps.</summary>
    public ImmutableArray<string> PrivateHosts { get; init; } = [];

    /// <summary>Certificate authorities for connections on which the proxy itself speaks TLS; null for the
    /// system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    public EgressDial Dial { get; init; } = EgressDial.BySystem;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal bool Permits(string host, int port, IPAddress address) =>
        PublicAddress.Is(address) || PrivateHosts.Contains($"{host}:{port}", StringComparer.Ordinal);
}
