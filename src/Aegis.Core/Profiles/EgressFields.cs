using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>egress_allow</c> of a profile: the hosts beyond which no workflow reaches.</summary>
internal static class EgressFields
{
    public static ImmutableArray<string>? Read(YamlFields profile, List<Diagnostic> errors) =>
        profile.Value("egress_allow") is null ? null : Read(profile, "egress_allow", errors);

    /// <summary>Those of a map that stands at a path of the profile; none where it names none.</summary>
    public static ImmutableArray<string> Read(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var entries = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.Items("egress_allow"))
        {
            if (item is YamlScalar entry && EgressRule.Parse(entry.Text) is not null
                && entries.Count < WorkflowLimits.EgressHostsMax)
            {
                entries.Add(entry.Text);
            }
            else
            {
                YamlFields.Wrong(errors, item, where,
                    $"at most {WorkflowLimits.EgressHostsMax} entries: host, *.host or an IPv4 address, "
                    + "with or without :port, methods before, a path after");
            }
        }
        return entries.ToImmutable();
    }
}
