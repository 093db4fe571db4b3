using System.Collections.Immutable;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>A step as read, before its needs are known to exist.</summary>
/// <param name="Needs">Null where the key is absent: the step above.</param>
internal sealed record StepDraft(
    MappingNode Node,
    string Id,
    string Tool,
    MappingNode? With,
    ScalarNode? If,
    ImmutableArray<NeedDraft>? Needs,
    RetrySpec Retry,
    TimeSpan? Timeout,
    bool ContinueOnError,
    EnvBlock Env,
    TaskOptions Options)
{
    public SourceNode IdNode => Node["id"] ?? Node;
}

internal readonly record struct NeedDraft(string Id, SourceNode Node);

internal sealed class StepReader(ValueReader read, WorkflowHeader header)
{
    public ImmutableArray<StepDraft> ReadAll(SourceNode? node, SourceNode root)
    {
        if (node is null)
        {
            read.Diagnostics.Add(root, "AEGIS1012", "the workflow has no steps", "steps: a list of steps");
            return [];
        }
        var items = read.Items(node, "steps", WorkflowLimits.StepsMax, mayBeOne: false);
        if (node is SequenceNode { Items.IsEmpty: true })
        {
            read.Diagnostics.Add(node, "AEGIS1012", "the workflow has no steps", "at least one step");
        }
        var steps = ImmutableArray.CreateBuilder<StepDraft>();
        foreach (var item in items)
        {
            if (read.Map(item, "a step", KeyScope.Step) is { } map)
            {
                steps.Add(Step(map));
            }
        }
        return steps.ToImmutable();
    }

    private StepDraft Step(MappingNode map)
    {
        var options = OptionsReader.Read(read, map);
        return new StepDraft(
            map,
            Name(map, "id", "AEGIS1020", "a step's id") ?? "",
            Name(map, "uses", "AEGIS1024", "a tool's name") ?? "",
            With(map["with"]),
            If(map["if"]),
            Needs(map["needs"]),
            RetryReader.Read(read, map["retry"], header.StepRetry),
            Timeout(map["timeout"]),
            read.Boolean(map["continue_on_error"], "continue_on_error") ?? false,
            EnvBlock.Read(read, map["env"], header.Env, options.Foreach),
            options);
    }

    private string? Name(MappingNode map, string key, string code, string what)
    {
        if (map[key] is not { } node)
        {
            read.Diagnostics.Add(map, "AEGIS1012", $"a step has no {key}", $"{key}: {what}");
            return null;
        }
        if (read.Literal(node, key, int.MaxValue) is not { } text)
        {
            return null;
        }
        if (IdRule.IsValid(text))
        {
            return text;
        }
        read.Diagnostics.Add(node, code, $"this is not {what}",
            IdRule.Form, ValueReader.Shown(text));
        return null;
    }

    private MappingNode? With(SourceNode? node)
    {
        var map = read.AnyMap(node, "with");
        return map is not null && NodeJson.Check(read.Diagnostics, map) ? map : null;
    }

    private ScalarNode? If(SourceNode? node)
    {
        if (node is ScalarNode { IsNull: false } scalar)
        {
            return scalar;
        }
        if (node is not null)
        {
            read.WrongType(node, "if", "an expression");
        }
        return null;
    }

    private ImmutableArray<NeedDraft>? Needs(SourceNode? node)
    {
        if (node is null)
        {
            return null;
        }
        var needs = ImmutableArray.CreateBuilder<NeedDraft>();
        foreach (var item in read.Items(node, "needs", WorkflowLimits.StepsMax, mayBeOne: true))
        {
            if (read.Literal(item, "needs", int.MaxValue) is { } id)
            {
                needs.Add(new NeedDraft(id, item));
            }
        }
        return needs.ToImmutable();
    }

    private TimeSpan? Timeout(SourceNode? node)
    {
        var own = read.Duration(node, "timeout");
        TimeSpan?[] bounds = [header.Timeout, header.Policy.MaxTime];
        if (own is { } timeout && bounds.Min() is { } bound && timeout > bound)
        {
            read.Diagnostics.Add(node!, "AEGIS1029", "the step may run longer than the whole workflow",
                $"at most {bound.TotalMilliseconds} ms", $"{timeout.TotalMilliseconds} ms",
                "shorten it, or lengthen timeout or policy.max_time_ms");
        }
        return own ?? header.StepTimeout;
    }
}
