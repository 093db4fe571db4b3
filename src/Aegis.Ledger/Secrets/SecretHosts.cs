using System.Collections.Immutable;
using Aegis.Core.Policy;

namespace Aegis.Ledger.Secrets;

/// <summary>The hosts of a secret, written as entries of egress_allow are.</summary>
internal static class SecretHosts
{
    /// <summary>The same, each once and in order; AEGIS4203 and AEGIS4204 where they cannot be.</summary>
    public static ImmutableArray<string> Check(ImmutableArray<string> hosts)
    {
        if (hosts.Length > SecretVault.HostsMax)
        {
            throw SecretErrors.TooManyHosts(hosts.Length);
        }
        foreach (var host in hosts)
        {
            if (EgressRule.Parse(host) is not { Methods.IsEmpty: true, Path: null })
            {
                throw SecretErrors.BadHost(host);
            }
        }
        return [.. hosts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    public static bool Cover(ImmutableArray<string> hosts, EgressTarget target) =>
        hosts.Any(host => EgressRule.Parse(host)?.Covers(target) == true);
}
