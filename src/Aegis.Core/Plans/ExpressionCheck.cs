using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Parses every expression of a workflow where it stands and holds its reads against what the
/// workflow declares, so that no run starts that a typing error would end.</summary>
internal sealed class ExpressionCheck(SourceText source, DiagnosticList diagnostics, WorkflowHeader header,
    ImmutableArray<StepDraft> steps, TaskOrder order)
{
    // steps that add nothing to the workflow's env share one map, so its answer is kept by identity
    private readonly Dictionary<ImmutableSortedDictionary<string, string>, ISet<string>> taintedNames =
        new(ReferenceEqualityComparer.Instance);

    public void CheckAll()
    {
        foreach (var (_, node) in header.Env.Nodes)
        {
            CheckText(node, step: null, inCommand: false);
        }
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
            var parse = Condition.Parse(condition.Text);
            if (parse.Expression is { } expression)
            {
                // offsets inside a wrapped condition count from behind its opening
                var opening = condition.Text.IndexOf(TemplateText.Open, StringComparison.Ordinal);
                var shift = opening < 0 ? 0 : opening + TemplateText.Open.Length;
                CheckReferences(expression, condition, shift, index, inCommand: false);
            }
            else
            {
                Report(condition, parse.At, parse.Error!);
            }
        }
        foreach (var (_, node) in step.Env.Nodes)
        {
            CheckText(node, index, inCommand: false);
        }
        if (step.With is not null)
        {
            CheckNode(step.With, index, inCommand: false);
        }
    }

    private void CheckNode(SourceNode node, int step, bool inCommand)
    {
        switch (node)
        {
            case ScalarNode scalar:
                CheckText(scalar, step, inCommand);
                break;
            case SequenceNode list:
                foreach (var item in list.Items)
                {
                    CheckNode(item, step, inCommand);
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
                    CheckNode(value, step, inCommand || key.Text == Template.CommandKey);
                }
                break;
        }
    }

    private void CheckText(ScalarNode scalar, int? step, bool inCommand)
    {
        var template = TemplateText.Parse(scalar.Text, readsShortForm: !inCommand);
        if (template.Fault is { } fault)
        {
            Report(scalar, fault.At, fault.Error);
        }
        foreach (var part in template.Parts.Where(p => p.Expression is not null))
        {
            CheckReferences(part.Expression!, scalar, part.At, step, inCommand);
            if (part.Expression!.AsksStatus)
            {
                Report(scalar, part.At, new AegisError("AEGIS1089",
                    "success(), failure(), always() and cancelled() answer in an if only", null,
                    ValueReader.Shown(part.Expression.Text), "read steps.<id>.ok or steps.<id>.status"));
            }
        }
    }

    private void CheckReferences(Expression expression, ScalarNode scalar, int shift, int? step,
        bool inCommand)
    {
        foreach (var call in expression.HashFilesCalls)
        {
            Report(scalar, shift + call.At, new AegisError("AEGIS1086",
                "hashFiles() is known but a run does not compute it yet", null, "hashFiles",
                "compute the value in a step and read its output"));
        }
        foreach (var reference in expression.References)
        {
            var error = reference.Root switch
            {
                "inputs" => CheckInput(reference),
                "steps" => CheckStepRead(reference, step),
                "secrets" => new AegisError("AEGIS1089", "secrets come with the gate issue", null,
                    reference.ToString(), "remove it until secrets exist"),
                "item" or "index" => new AegisError("AEGIS1089",
                    $"{reference.Root} exists inside foreach only",
                    null, reference.ToString(), "foreach is known, not enforced yet"),
                "env" when step is null => new AegisError("AEGIS1089", "the workflow's env cannot read env",
                    "inputs, context, run", reference.ToString()),
                _ => null,
            };
            if (error is null && inCommand && reference.ReachesResult
                && IsUntrusted(reference, steps[step!.Value].Env))
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

    private AegisError? CheckStepRead(ExpressionReference reference, int? step)
    {
        if (step is not { } reader)
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
        if (!order.PositionOf.TryGetValue(id, out var position))
        {
            return new AegisError("AEGIS1087", $"there is no step {id}", "a step's id", reference.ToString(),
                diagnostics.DidYouMean(id, order.PositionOf.Keys));
        }
        if (!order.Reaches(reader, position))
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

    private bool IsUntrusted(ExpressionReference reference, EnvBlock env)
    {
        if (reference.Root != "env")
        {
            return TaintedEnv.IsUntrusted(reference);
        }
        if (!taintedNames.TryGetValue(env.Values, out var names))
        {
            names = TaintedEnv.Names(env.Values);
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
