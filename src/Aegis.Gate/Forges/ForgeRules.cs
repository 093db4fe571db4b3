using System.Collections.Frozen;
using System.Net;
using Aegis.Core;
using Aegis.Core.Profiles;
using Aegis.Gate.Http;

namespace Aegis.Gate;

/// <summary>What the operator of a server allows of outside forges. By itself: public addresses by https, and
/// no token of the server's own.</summary>
public sealed class ForgeRules
{
    public static readonly Uri GitHub = new("https://api.github.com/");

    private readonly PrivateHosts hosts;
    private readonly FrozenSet<string> borrowers;
    private readonly Func<string?> hostToken;
    private readonly Uri hostAddress;

    /// <param name="privateHosts"><c>host:port</c> that may be private or without TLS.</param>
    /// <param name="borrowers"><c>tenant/project</c> that the server's token is lent to.</param>
    /// <param name="hostAddress">The only REST address that the server's token goes to.</param>
    public ForgeRules(IEnumerable<string> privateHosts, IEnumerable<string> borrowers, Uri hostAddress,
        Func<string?> hostToken)
    {
        hosts = new PrivateHosts(privateHosts);
        this.borrowers = borrowers.ToFrozenSet(StringComparer.Ordinal);
        (this.hostAddress, this.hostToken) = (hostAddress, hostToken);
    }

    public static ForgeRules None { get; } = new([], [], GitHub, () => null);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public bool AllowsScheme(Uri url) => hosts.AllowScheme(url);

    public bool Permits(Uri url, IPAddress address) => hosts.Permit(url, address);

    /// <summary>The server's token, where the operator lends it to this project and the profile leads
    /// nowhere but to the operator's own forge; else null.</summary>
    public string? HostToken(Tenancy tenancy, ForgeProfile forge) =>
        borrowers.Contains($"{tenancy.Tenant}/{tenancy.Project}") && forge.BaseUrl == hostAddress
        && Origin(forge.GitUrl) == Origin(ForgeProfile.GitOf(hostAddress) ?? hostAddress)
            ? hostToken() : null;

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
