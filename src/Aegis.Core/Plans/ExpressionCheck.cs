using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;
using Aegis.Core.Plans.Triggers;

namespace Aegis.Core.Plans;

/// <summary>From where an expression looks.</summary>
/// <param name="Step">The step by its position; null for the workflow itself.</param>
/// <param name="InCommand">Its text becomes shell text.</param>
/// <param name="Item">item and index have a value.</param>
/// <param name="Self">The step's own result is there.</param>
/// <param name="AllSteps">Every step has ended.</param>
/// <param name="Error">A failure is looked at.</param>
/// <param name="Hashes">A run computes hashFiles() there.</param>
/// <param name="OnlyContext">There is no run yet, only what starts it.</param>
/// <param name="Secrets">What stands there is an environment or an input of a step.</param>
internal readonly record struct Sight(int? Step, bool InCommand = false, bool Item = false, bool Self = false,
    bool AllSteps = false, bool Error = false, bool OnlyContext = false, bool Hashes = false,
    bool Secrets = false);

/// <summary>Parses every expression of a workflow where it stands and holds its reads against what the
/// workflow declares, so that no run starts that a typing error would end.</summary>
/// <param name="outside">Steps that stand elsewhere and have ended.</param>
/// <param name="untrusted">Inputs that are known to hold an outsider's text, besides those that the
/// workflow's own triggers fill so.</param>
internal sealed class ExpressionCheck(SourceText source, DiagnosticList diagnostics, WorkflowHeader header,
    ImmutableArray<StepDraft> steps, TaskOrder order, ImmutableHashSet<string> outside,
    ImmutableArray<string> untrusted)
{
    // steps that add nothing to the workflow's env share one map, so its answer is kept by identity
    private readonly Dictionary<ImmutableSortedDictionary<string, string>, ISet<string>> taintedNames =
        new(ReferenceEqualityComparer.Instance);

    private readonly ImmutableHashSet<string> untrustedInputs = UntrustedInputs.OfTriggers(header.On)
        .Union(untrusted);

    public void CheckAll(MappingNode root)
    {
        foreach (var (input, value) in TriggerInputs.Members(root["on"]))
        {
            TriggerInputs.Check(diagnostics, header.Inputs, input, value);
            CheckNode(value, new Sight(null, OnlyContext: true));
        }
        CheckRetry((root["defaults"] as MappingNode)?["retry"], new Sight(null, Error: true));
        foreach (var (_, node) in header.Env.Nodes)
        {
            CheckText(node, new Sight(null, Secrets: true));
        }
        if ((root["concurrency"] is MappingNode map ? map["group"] : root["concurrency"]) is { } group)
        {
            CheckNode(group, new Sight(null));
        }
        if (root["dedupe_key"] is { } key)
        {
            CheckNode(key, new Sight(null));
        }
        if (root["outputs"] is { } outputs)
        {
            CheckNode(outputs, new Sight(null, AllSteps: true));
        }
        CheckSteps();
    }

    public void CheckSteps()
    {
        for (var i = 0; i < steps.Length; i++)
        {
            CheckStep(i);
        }
    }

    private void CheckStep(int index)
    {
        var step = steps[index];
        if (step.If is { } condition)
        {
            CheckCondition(condition, new Sight(index, Hashes: true));
        }
        var inGroup = step.Options.Foreach is not null || step.Options.Repeat is not null;
        foreach (var text in OptionsReader.Texts(step.Node))
        {
            var sight = new Sight(index, Item: text.SeesItem, Self: text.SeesSelf,
                Hashes: text is { SeesSelf: true, IsCondition: false });
            if (text is { IsCondition: true, Node: ScalarNode bare })
            {
                CheckCondition(bare, sight);
            }
            else
            {
                CheckNode(text.Node, sight);
            }
        }
        foreach (var (_, node) in step.Env.Nodes)
        {
            CheckText(node, new Sight(index, Item: inGroup, Hashes: true, Secrets: true));
        }
        if (step.With is not null)
        {
            CheckNode(step.With, new Sight(index, Item: inGroup, Hashes: true, Secrets: true));
        }
        CheckRetry(step.Node["retry"], new Sight(index, Item: inGroup, Error: true));
    }

    private void CheckRetry(SourceNode? retry, Sight sight)
    {
        if ((retry as MappingNode)?["on"] is ScalarNode on
            && on.Text.Contains(TemplateText.Open, StringComparison.Ordinal))
        {
            CheckCondition(on, sight);
        }
    }

    private void CheckCondition(ScalarNode condition, Sight sight)
    {
        var parse = Condition.Parse(condition.Text);
        if (parse.Expression is { } expression)
        {
            // offsets inside a wrapped condition count from behind its opening
            var opening = condition.Text.IndexOf(TemplateText.Open, StringComparison.Ordinal);
            var shift = opening < 0 ? 0 : opening + TemplateText.Open.Length;
            CheckReferences(expression, condition, shift, sight);
        }
        else
        {
            Report(condition, parse.At, parse.Error!);
        }
    }

    private void CheckNode(SourceNode node, Sight sight)
    {
        switch (node)
        {
            case ScalarNode scalar:
                CheckText(scalar, sight);
                break;
            case SequenceNode list:
                foreach (var item in list.Items)
                {
                    CheckNode(item, sight);
                }
                break;
            case MappingNode map:
                foreach (var (key, value) in map.Members)
                {
                    if (key.Text.Contains(TemplateText.Open, StringComparison.Ordinal))
                    {
                        diagnostics.Add(key, "AEGIS1092", "expressions are not read in names", "plain text",
                            ValueReader.Shown(key.Text));
                    }
                    CheckNode(value, sight with
                    {
                        InCommand = sight.InCommand || key.Text == Template.CommandKey,
                    });
                }
                break;
        }
    }

    private void CheckText(ScalarNode scalar, Sight sight)
    {
        var items = sight is { Item: true, Step: { } step } ? steps[step].Options.Foreach : null;
        var template = TemplateText.Parse(scalar.Text, readsShortForm: !sight.InCommand, items?.As);
        if (template.Fault is { } fault)
        {
            Report(scalar, fault.At, fault.Error);
        }
        foreach (var part in template.Parts.Where(p => p.Expression is not null))
        {
            CheckReferences(part.Expression!, scalar, part.At, sight);
            if (part.Expression!.StatusAt is { } call)
            {
                Report(scalar, part.At + call, new AegisError("AEGIS1089",
                    "success(), failure(), always() and cancelled() answer in an if only", null,
                    ValueReader.Shown(part.Expression.Text.Trim()),
                        "read steps.<id>.ok or steps.<id>.status"));
            }
        }
    }

    private void CheckReferences(Expression expression, ScalarNode scalar, int shift, Sight sight)
    {
        foreach (var call in sight.Hashes ? [] : expression.HashFilesCalls)
        {
            Report(scalar, shift + call.At, new AegisError("AEGIS1086",
                "hashFiles() has no files to look at here", "if, with, env and outputs of a step",
                "hashFiles", "name the hash in a step's outputs and read that"));
        }
        foreach (var reference in expression.References)
        {
            var error = reference.Root switch
            {
                not "context" when sight.OnlyContext => new AegisError("AEGIS1089",
                    "a trigger's inputs are made before there is a run", "context", reference.ToString()),
                "error" when sight.Error => null,
                "inputs" => CheckInput(reference),
                "steps" => CheckStepRead(reference, sight),
                "secrets" when sight.Secrets
                    && reference is { Path.Length: 1, Tail: ReferenceTail.None } => null,
                "secrets" => new AegisError("AEGIS1089",
                    "a secret is named in env and with alone, and stands there as a placeholder",
                    "secrets.<name> in env or with", reference.ToString(),
                    "write secrets.<name> into env, with or cmd"),
                "item" or "index" when !sight.Item => new AegisError("AEGIS1089",
                    $"{reference.Root} exists inside foreach and repeat only", null, reference.ToString(),
                    "add foreach to the step"),
                _ when !ExpressionRoots.All.Contains(reference.Root) => CheckItemName(reference, sight),
                "env" when sight.Step is null => new AegisError("AEGIS1089",
                    "the workflow itself has no env to read", "inputs, context, run", reference.ToString()),
                _ => null,
            };
            if (error is null && sight is { InCommand: true, Step: { } reader } && reference.ReachesResult
                && IsUntrusted(reference, steps[reader]))
            {
                error = new AegisError("AEGIS1090",
                    $"{reference} may hold text that an outsider or a model wrote, and cmd is shell text",
                    "values that nobody outside can choose", reference.ToString(),
                    "pass it by env and let the program read the variable");
            }
            if (error is not null)
            {
                Report(scalar, shift + reference.At, error);
            }
        }
    }

    /// <summary>A name that is no context's may be the one that the step's foreach gives its items.</summary>
    private AegisError? CheckItemName(ExpressionReference reference, Sight sight) =>
        sight is { Item: true, Step: { } step } && steps[step].Options.Foreach is { } items
            && LetterCase.AreSameName(items.As, reference.Root)
            ? null
            : ExpressionRoots.Unknown(reference.Root, ExpressionRoots.All);

    private AegisError? CheckInput(ExpressionReference reference)
    {
        var names = header.Inputs.Select(i => i.Name).ToList();
        if (reference.Path.IsEmpty || names.Contains(reference.Path[0], StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }
        return new AegisError("AEGIS1087", $"the workflow declares no input {reference.Path[0]}",
            names.Count == 0 ? "an input under inputs" : string.Join(", ", names), reference.ToString(),
            diagnostics.DidYouMean(reference.Path[0], names) ?? "declare it under inputs");
    }

    private AegisError? CheckStepRead(ExpressionReference reference, Sight sight)
    {
        if (sight is { Step: null, AllSteps: false })
        {
            return new AegisError("AEGIS1089", "the workflow's env is made before any step runs",
                "inputs, context, run", reference.ToString(), "put it into the step's own env");
        }
        if (reference.Path.IsEmpty)
        {
            return reference.Tail == ReferenceTail.Computed
                ? new AegisError("AEGIS1087", "a computed step id cannot be checked",
                    "steps.<id> or steps['<id>']", reference.ToString())
                : null;
        }
        var id = reference.Path[0];
        if (outside.Contains(id))
        {
            return CheckStepMember(reference);
        }
        if (!order.PositionOf.TryGetValue(id, out var position))
        {
            return new AegisError("AEGIS1087", $"there is no step {id}", "a step's id", reference.ToString(),
                diagnostics.DidYouMean(id, order.PositionOf.Keys));
        }
        if (sight.Step is { } reader && !order.Reaches(reader, position)
            && !(sight.Self && reader == position))
        {
            return new AegisError("AEGIS1088", reader == position
                    ? $"{id} reads itself"
                    : $"{steps[reader].Id} does not need {id}, so {id} may not have ended",
                "a step among its needs, near or far", reference.ToString(),
                reader == position ? null : $"add {id} to needs");
        }
        return CheckStepMember(reference);
    }

    private AegisError? CheckStepMember(ExpressionReference reference)
    {
        if (reference.Path.Length < 2
            || ExpressionRoots.StepMembers.Contains(reference.Path[1], StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }
        return new AegisError("AEGIS1087", $"a step has no {reference.Path[1]}",
            string.Join(", ", ExpressionRoots.StepMembers), reference.ToString(),
            diagnostics.DidYouMean(reference.Path[1], ExpressionRoots.StepMembers)
                ?? $"did you mean outputs.{reference.Path[1]}?");
    }

    private bool IsUntrusted(ExpressionReference reference, StepDraft step)
    {
        if (reference.Root is not
            ("env" or "steps" or "context" or "inputs" or "run" or "index" or "secrets"))
        {
            // a list that stands in the file was written by whoever wrote the command
            return step.Options.Foreach is { } items && Template.HasExpressions(items.Items);
        }
        var env = step.Env;
        if (reference.Root == "inputs")
        {
            return UntrustedInputs.Names(reference, untrustedInputs);
        }
        if (reference.Root != "env")
        {
            return TaintedEnv.IsUntrusted(reference);
        }
        if (!taintedNames.TryGetValue(env.Values, out var names))
        {
            names = TaintedEnv.Names(env.Values, untrustedInputs);
            taintedNames.Add(env.Values, names);
        }
        return reference.Path.IsEmpty ? names.Count > 0 : names.Contains(reference.Path[0]);
    }

    private void Report(ScalarNode scalar, int offset, AegisError error)
    {
        var (line, column) = diagnostics.IsFull ? (1, 1) : source.PlaceIn(scalar, offset);
        diagnostics.Add(line, column, error);
    }
}
