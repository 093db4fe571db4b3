using System.Collections.Immutable;

namespace Aegis.Sandbox.Egress;

/// <summary>A sandbox's only way out: the proxy at <c>127.0.0.1:3128</c> inside; a machine of its own finds
/// it at its network card's far end.</summary>
/// <param name="Allow">Entries of egress_allow; see <see cref="Core.Policy.EgressRule"/>.</param>
/// <param name="Secrets">Null where no secret is swapped in.</param>
public sealed record ProxyNetwork(ImmutableArray<string> Allow, EgressLimits Limits,
    IEgressSecrets? Secrets = null)
{
    /// <summary>A second list that must allow a place as well; null where there is none.</summary>
    public ImmutableArray<string>? Ceiling { get; init; }

    /// <summary>Whether the proxy opens TLS to the places of bound secrets, with an authority that lives as
    /// long as the command. All other places stay unread.</summary>
    public bool OpensTls { get; init; }

    /// <summary>As many as a workflow and a profile may name together.</summary>
    public const int EntriesMax = 512;

    public const int Port = 3128;
    public const string Address = "http://127.0.0.1:3128";

    /// <summary>Whether the command gets an authority of its own, as a file at
    /// <see cref="CommandAuthority.InsidePath"/>.</summary>
    internal bool HasAuthority => OpensTls && Secrets is not null;

    /// <summary>By which programs find the proxy, and whom they trust. curl reads http_proxy in lower case
    /// alone, Node's own fetch asks to be told; what a command serves to itself on loopback stays
    /// inside.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Environment(string address = Address)
    {
        foreach (var name in new[] { "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY" })
        {
            yield return new(name, address);
        }
        yield return new("no_proxy", Own);
        yield return new("NO_PROXY", Own);
        yield return new("NODE_USE_ENV_PROXY", "1");
        foreach (var name in HasAuthority ? CommandAuthority.Variables : [])
        {
            yield return new(name, CommandAuthority.InsidePath);
        }
        foreach (var placeholder in Secrets?.Variables ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            yield return placeholder;
        }
    }

    private const string Own = "localhost,127.0.0.1,::1";
}
