using System.Globalization;
using Aegis.Core.Runs;

namespace Aegis.Gate;

/// <summary>What the log of a call says of a refusal of the egress proxy: inside a tunnel a client shows no
/// more than that it was refused.</summary>
internal static class EgressLine
{
    /// <summary>Null for what was let through.</summary>
    public static string? Of(EgressFact fact)
    {
        if (fact.Denied is not { } code)
        {
            return null;
        }
        var place = fact.Port is 80 or 443 ? fact.Host : $"{fact.Host}:{fact.Port}";
        var times = fact.Count == 1 ? ""
            : string.Create(CultureInfo.InvariantCulture, $" {fact.Count} times");
        return $"egress: {fact.Method} {fact.Host}:{fact.Port} was refused{times} ({code}); mend: "
            + code switch
        {
            "AEGIS2161" => $"add \"{place}\" to policy.egress_allow",
            "AEGIS2162" => $"the operator can name {fact.Host}:{fact.Port} in AEGIS_EGRESS_PRIVATE_HOSTS",
            "AEGIS3113" => $"whoever keeps the profile can add \"{place}\" to its egress_allow",
            _ => $"see docs/errors/{code}.md",
        };
    }
}
