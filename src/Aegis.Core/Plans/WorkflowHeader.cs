using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Everything of a workflow but its steps.</summary>
internal sealed record WorkflowHeader(string Name, ImmutableArray<string> On, PlanPolicy Policy,
    ImmutableArray<InputSpec> Inputs, EnvBlock Env, TimeSpan? Timeout, TimeSpan? StepTimeout,
    RetrySpec StepRetry, ImmutableArray<OutputSpec> Outputs, TimeSpan? Sla, ConcurrencySpec? Concurrency,
    string? DedupeKey)
{
    /// <summary>What steps that are added to a run stand under: the plan's own, but for its env, which the
    /// run lays below theirs.</summary>
    public static WorkflowHeader Of(Plan plan) => new(plan.Name, plan.On, plan.Policy, plan.Inputs,
        EnvBlock.None, plan.Timeout, null, RetrySpec.None, [], null, null, null);
}

internal static partial class HeaderReader
{
    private static readonly ImmutableArray<string> Triggers =
        ["manual", "schedule", "webhook", "github:push"];

    public static WorkflowHeader Read(ValueReader read, MappingNode root)
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
            On(read, root["on"]),
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

    private static ImmutableArray<string> On(ValueReader read, SourceNode? node)
    {
        if (node is null)
        {
            return ["manual"];
        }
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var item in read.Items(node, "on", WorkflowLimits.TriggersMax, mayBeOne: true))
        {
            if (read.Literal(item, "on", WorkflowLimits.NameLengthMax) is not { } trigger)
            {
                continue;
            }
            if (!TriggerPattern().IsMatch(trigger))
            {
                read.Diagnostics.Add(item, "AEGIS1025", "this is no trigger",
                    "manual, schedule, webhook, or github:<event>[.<action>]", ValueReader.Shown(trigger),
                    read.Diagnostics.DidYouMean(trigger, Triggers));
            }
            else if (found.Contains(trigger))
            {
                read.Diagnostics.Add(item, "AEGIS1004", "a trigger stands twice", "each once", trigger);
            }
            else
            {
                found.Add(trigger);
            }
        }
        if (node is SequenceNode { Items.IsEmpty: true })
        {
            read.Diagnostics.Add(node, "AEGIS1014", "on is empty, so nothing could start the workflow",
                "at least one trigger", null, "write on: manual");
        }
        return found.ToImmutable();
    }

    [GeneratedRegex(@"^(manual|schedule|webhook|github:[a-z][a-z_]{0,63}(\.[a-z][a-z_]{0,63})?)\z")]
    private static partial Regex TriggerPattern();
}
