using System.Collections.Immutable;
using Aegis.Core.Plans.Source;
using Aegis.Core.Plans.Triggers;

namespace Aegis.Core.Plans;

/// <summary>Everything of a workflow but its steps.</summary>
internal sealed record WorkflowHeader(string Name, ImmutableArray<Trigger> On, PlanPolicy Policy,
    ImmutableArray<InputSpec> Inputs, EnvBlock Env, TimeSpan? Timeout, TimeSpan? StepTimeout,
    RetrySpec StepRetry, ImmutableArray<OutputSpec> Outputs, TimeSpan? Sla, ConcurrencySpec? Concurrency,
    string? DedupeKey)
{
    /// <summary>What steps that are added to a run stand under: the plan's own, but for its env, which the
    /// run lays below theirs.</summary>
    public static WorkflowHeader Of(Plan plan) => new(plan.Name, plan.On, plan.Policy, plan.Inputs,
        EnvBlock.None, plan.Timeout, null, RetrySpec.None, [], null, null, null);
}

internal static class HeaderReader
{
    public static WorkflowHeader Read(ValueReader read, MappingNode root, Func<string, bool>? knownZone)
    {
        var name = read.Literal(root["name"], "name", WorkflowLimits.NameLengthMax);
        if (root["name"] is null)
        {
            read.Diagnostics.Add(root, "AEGIS1012", "the workflow has no name", "name: <text>");
        }
        else if (name?.Contains('\n', StringComparison.Ordinal) == true)
        {
            read.Diagnostics.Add(root["name"]!, "AEGIS1014", "name has more than one line", "one line");
        }
        var defaults = read.Map(root["defaults"], "defaults", KeyScope.Defaults);
        return new WorkflowHeader(
            name ?? "",
            new TriggerReader(read, knownZone).Read(root["on"]),
            PolicyReader.Read(read, root["policy"]),
            InputReader.Read(read, root["inputs"]),
            EnvBlock.Read(read, root["env"], EnvBlock.None),
            read.Duration(root["timeout"], "timeout"),
            read.Duration(defaults?["timeout"], "defaults.timeout"),
            RetryReader.Read(read, defaults?["retry"], RetrySpec.None),
            OptionsReader.Outputs(read, root["outputs"]),
            read.Duration(root["sla"], "sla"),
            OptionsReader.Concurrency(read, root["concurrency"]),
            OptionsReader.Template(read, root["dedupe_key"], "dedupe_key"));
    }
}
