using System.Collections.Immutable;
using Aegis.Core.Plans.Source;
using Aegis.Core.Policy;

namespace Aegis.Core.Plans;

/// <summary>The policy block. An absent list and an empty one say the same: nothing is allowed.</summary>
internal static class PolicyReader
{
    public static PlanPolicy Read(ValueReader read, SourceNode? node)
    {
        var map = read.Map(node, "policy", KeyScope.Policy);
        return new PlanPolicy(
            Commands(read, map?["allow_commands"]),
            Hosts(read, map?["egress_allow"]),
            read.Number(map?["max_cost_usd"], "policy.max_cost_usd", 0, WorkflowLimits.CostUsdMax),
            read.Duration(map?["max_time_ms"], "policy.max_time_ms"))
        {
            Agents = (int?)read.Number(
                map?["max_agents"], "policy.max_agents", 1, PlanPolicy.AgentsMax, true),
        };
    }

    private static ImmutableArray<string> Commands(ValueReader read, SourceNode? node)
    {
        const string What = "policy.allow_commands";
        if (node is null)
        {
            return [];
        }
        var entries = ImmutableArray.CreateBuilder<string>();
        foreach (var item in read.Items(node, What, WorkflowLimits.AllowCommandsMax, mayBeOne: false))
        {
            if (read.Literal(item, What, WorkflowLimits.AllowCommandLengthMax) is not { } entry)
            {
                continue;
            }
            entries.Add(entry);
            if (AllowEntry.Parse(entry).Error is { } error)
            {
                read.Diagnostics.Add(item.Line, item.Column, error);
            }
        }
        return entries.ToImmutable();
    }

    private static ImmutableArray<string> Hosts(ValueReader read, SourceNode? node)
    {
        const string What = "policy.egress_allow";
        if (node is null)
        {
            return [];
        }
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (var item in read.Items(node, What, WorkflowLimits.EgressHostsMax, mayBeOne: false))
        {
            if (read.Literal(item, What, WorkflowLimits.EgressEntryLengthMax) is not { } host)
            {
                continue;
            }
            hosts.Add(host);
            if (EgressRule.Parse(host) is null)
            {
                read.Diagnostics.Add(item, "AEGIS1027", "this is no host",
                    "host, *.host or an IPv4 address, in lower case, with or without :port, methods before, "
                        + "a path after",
                    ValueReader.Shown(host),
                    host.Contains("//", StringComparison.Ordinal)
                        ? "write the host alone, without a scheme"
                        : null);
            }
        }
        return hosts.ToImmutable();
    }
}
