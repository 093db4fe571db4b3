using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Where an expression of a step's options stands, and what it may see.</summary>
/// <param name="IsCondition">A bare expression, as in <c>if</c>; otherwise text with expressions in
/// it.</param>
/// <param name="SeesItem">Whether <c>item</c> and <c>index</c> have a value there.</param>
/// <param name="SeesSelf">Whether the step's own result is there.</param>
internal readonly record struct OptionText(SourceNode Node, bool IsCondition, bool SeesItem, bool SeesSelf);

/// <summary>Reads what a step asks for beyond one call of its tool.</summary>
internal static partial class OptionsReader
{
    public static TaskOptions Read(ValueReader read, MappingNode step)
    {
        var foreachNode = step["foreach"];
        var repeatNode = step["repeat"];
        if (foreachNode is not null && repeatNode is not null)
        {
            read.Diagnostics.Add(repeatNode, "AEGIS1031", "a step has foreach and repeat", "one of them",
                null,
                "put the inner one into a workflow of its own");
        }
        var items = Foreach(read, foreachNode);
        return new TaskOptions(
            read.Literal(step["name"], "name", WorkflowLimits.NameLengthMax),
            items,
            Repeat(read, repeatNode),
            Approve(read, step["approve"]),
            [.. Locks(read, step["lock"], "lock").Select(l => ItemNames.Lengthened(l, items))],
            [.. Outputs(read, step["outputs"]).Select(
                o => o with { Value = ItemNames.Lengthened(o.Value, items) })],
            read.Duration(step["sla"], "sla"));
    }

    /// <summary>Every text of the options that may hold expressions.</summary>
    public static IEnumerable<OptionText> Texts(MappingNode step)
    {
        var inGroup = step["foreach"] is not null || step["repeat"] is not null;
        if ((step["foreach"] is MappingNode map ? map["items"] : step["foreach"]) is { } items)
        {
            yield return new OptionText(items, false, false, false);
        }
        if ((step["repeat"] as MappingNode)?["until"] is { } until)
        {
            yield return new OptionText(until, true, true, true);
        }
        if ((step["approve"] is MappingNode approve ? approve["message"] : step["approve"]) is { } message)
        {
            yield return new OptionText(message, false, false, false);
        }
        if (step["lock"] is { } locks)
        {
            yield return new OptionText(locks, false, inGroup, false);
        }
        foreach (var (_, value) in (step["outputs"] as MappingNode)?.Members ?? [])
        {
            var text = value is MappingNode typed ? typed["value"] : value;
            if (text is not null)
            {
                yield return new OptionText(text, false, inGroup, true);
            }
        }
    }

    public static ImmutableArray<OutputSpec> Outputs(ValueReader read, SourceNode? node)
    {
        var map = read.AnyMap(node, "outputs");
        if (map?.Members.Length > WorkflowLimits.OutputsMax)
        {
            read.Diagnostics.Add(map, "AEGIS1016", "there are too many outputs",
                $"at most {WorkflowLimits.OutputsMax}", $"{map.Members.Length}");
            return [];
        }
        var outputs = ImmutableArray.CreateBuilder<OutputSpec>();
        foreach (var (key, value) in map?.Members ?? [])
        {
            if (!NamePattern().IsMatch(key.Text))
            {
                read.Diagnostics.Add(key, "AEGIS1020", "this is no name of an output",
                    "1 to 64 of A-Z a-z 0-9 _ -, a letter or _ first", ValueReader.Shown(key.Text));
                continue;
            }
            var typed = value is MappingNode ? read.Map(value, $"outputs.{key.Text}", KeyScope.Output) : null;
            if (typed is not null && typed["value"] is null)
            {
                read.Diagnostics.Add(typed, "AEGIS1012", $"outputs.{key.Text} has no value",
                    "value: an expression");
            }
            else if ((typed?["value"] ?? value) is ScalarNode { IsNull: false } scalar)
            {
                outputs.Add(new OutputSpec(key.Text, scalar.Text, typed?["type"] is { } type
                    ? InputReader.Type(read, type, $"outputs.{key.Text}.type")
                    : null));
            }
            else
            {
                read.WrongType(value, $"outputs.{key.Text}", "text with an expression");
            }
        }
        return outputs.ToImmutable();
    }

    public static ConcurrencySpec? Concurrency(ValueReader read, SourceNode? node)
    {
        if (node is ScalarNode { IsNull: false })
        {
            return Template(read, node, "concurrency") is { } alone ? new ConcurrencySpec(alone, false)
                : null;
        }
        if (read.Map(node, "concurrency", KeyScope.Concurrency) is not { } map)
        {
            return null;
        }
        if (map["group"] is null)
        {
            read.Diagnostics.Add(map, "AEGIS1012", "concurrency has no group", "group: a name");
        }
        var cancel = read.Boolean(map["cancel_in_progress"], "concurrency.cancel_in_progress") ?? false;
        return Template(read, map["group"], "concurrency.group") is { } group
            ? new ConcurrencySpec(group, cancel)
            : null;
    }

    /// <summary>A text that may hold expressions.</summary>
    public static string? Template(ValueReader read, SourceNode? node, string what)
    {
        if (node is null || read.Text(node, what) is not { } text)
        {
            return null;
        }
        if (text.Length is 0 or > WorkflowLimits.TextLengthMax)
        {
            read.Diagnostics.Add(node, "AEGIS1014", $"{what} has the wrong length",
                $"1 to {WorkflowLimits.TextLengthMax} characters", $"{text.Length}");
            return null;
        }
        return text;
    }

    private static ForeachSpec? Foreach(ValueReader read, SourceNode? node)
    {
        if (node is null)
        {
            return null;
        }
        // a list or an expression alone is the items
        var map = node is MappingNode ? read.Map(node, "foreach", KeyScope.Foreach) : null;
        var items = map is null ? node : map["items"];
        if (items is null)
        {
            read.Diagnostics.Add(map!, "AEGIS1012", "foreach has no items", "items: a list or an expression");
            return null;
        }
        if (items is MappingNode or ScalarNode { IsNull: true })
        {
            read.WrongType(items, "foreach.items", "a list, or text with one expression");
            return null;
        }
        var parallel = (int?)read.Number(map?["parallel"], "foreach.parallel", 1, WorkflowLimits.StepsMax,
            isInteger: true);
        return NodeJson.Check(read.Diagnostics, items)
            ? new ForeachSpec(NodeJson.Of(items), As(read, map?["as"]), parallel)
            : null;
    }

    private static string As(ValueReader read, SourceNode? node)
    {
        const string Otherwise = "item";
        if (node is null || read.Literal(node, "foreach.as", WorkflowLimits.NameLengthMax) is not { } name)
        {
            return Otherwise;
        }
        if (name != Otherwise && (!NamePattern().IsMatch(name)
            || Expressions.ExpressionRoots.All.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            read.Diagnostics.Add(node, "AEGIS1020", "this is no name for an item",
                "1 to 64 of A-Z a-z 0-9 _ -, a letter or _ first, and no context's name",
                ValueReader.Shown(name));
            return Otherwise;
        }
        return name;
    }

    private static RepeatSpec? Repeat(ValueReader read, SourceNode? node)
    {
        if (read.Map(node, "repeat", KeyScope.Repeat) is not { } map)
        {
            return null;
        }
        foreach (var key in new[] { "until", "max" })
        {
            if (map[key] is null)
            {
                read.Diagnostics.Add(map, "AEGIS1012", $"repeat has no {key}",
                    key == "max" ? $"max: 1 to {WorkflowLimits.IterationsMax}" : "until: an expression");
            }
        }
        var max = (int?)read.Number(map["max"], "repeat.max", 1, WorkflowLimits.IterationsMax,
            isInteger: true);
        var delay = read.Duration(map["delay"], "repeat.delay", mayBeZero: true) ?? TimeSpan.Zero;
        return map["until"] is ScalarNode { IsNull: false } until && max is { } times
            ? new RepeatSpec(until.Text, times, delay)
            : null;
    }

    private static ApprovalSpec? Approve(ValueReader read, SourceNode? node)
    {
        switch (node)
        {
            case null:
                return null;
            case ScalarNode scalar when CoreSchema.KindOf(scalar) == ScalarKind.Boolean:
                return CoreSchema.BooleanOf(scalar) ? new ApprovalSpec(null, null) : null;
            case ScalarNode { IsNull: false }:
                return new ApprovalSpec(Template(read, node, "approve"), null);
        }
        return read.Map(node, "approve", KeyScope.Approve) is not { } map ? null : new ApprovalSpec(
            Template(read, map["message"], "approve.message"),
            read.Duration(map["timeout"], "approve.timeout"), Topic(read, map["topic"]));
    }

    private static string? Topic(ValueReader read, SourceNode? node)
    {
        var topic = read.Literal(node, "approve.topic", IdRule.LengthMax);
        if (topic is null || IdRule.IsValid(topic))
        {
            return topic;
        }
        read.Diagnostics.Add(node!, "AEGIS1013", "approve.topic is no name", IdRule.Form,
            ValueReader.Shown(topic));
        return null;
    }

    private static ImmutableArray<string> Locks(ValueReader read, SourceNode? node, string what)
    {
        var locks = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node is null ? [] : read.Items(node, what, WorkflowLimits.LocksMax,
            mayBeOne: true))
        {
            if (Template(read, item, what) is { } name)
            {
                locks.Add(name);
            }
        }
        return locks.ToImmutable();
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex NamePattern();
}
