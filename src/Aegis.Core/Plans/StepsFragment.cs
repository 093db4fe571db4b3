using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Steps that a step adds to its own run while it runs: the workflow language's steps as JSON, held
/// against the plan as it stands by the same rules as a file.</summary>
public static class StepsFragment
{
    private const string File = "steps";

    /// <param name="graph">The run's plan as it stands.</param>
    /// <param name="group">The step that adds them; it ends with them.</param>
    /// <param name="steps">An array of steps. What needs nothing begins at once, as <c>needs: []</c> says; a
    /// step without <c>needs</c> needs the one above it.</param>
    /// <param name="untrusted">Inputs of the run that hold an outsider's text.</param>
    public static FragmentResult Compile(PlanGraph graph, int group, JsonElement steps,
        ImmutableArray<string> untrusted)
    {
        var diagnostics = new DiagnosticList(File);
        var bytes = Encoding.UTF8.GetBytes(steps.GetRawText());
        if (SourceText.Read(bytes, diagnostics) is not { } text
            || new SourceReader(diagnostics).Read(text.Text) is not { } node)
        {
            return Refused(diagnostics);
        }
        var plan = graph.Plan;
        var header = WorkflowHeader.Of(plan);
        var drafts = new StepReader(new ValueReader(diagnostics), header).ReadAll(node, node);
        var outside = graph.Ancestors(group).Select(i => plan.Tasks[i].StepId)
            .ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
        var order = TaskOrder.Make(drafts, diagnostics, outside);
        CheckFits(graph, drafts, diagnostics);
        if (order.Order.Length == drafts.Length)
        {
            new ExpressionCheck(text, diagnostics, header, drafts, order, outside, untrusted).CheckSteps();
        }
        return diagnostics.IsEmpty
            ? new FragmentResult(
                [.. PlanTasks.Of(drafts, order, plan.Tasks.Length).Select((t, i) =>
                    t with { Member = new GroupMember(group, graph.Members(group).Length + i, null) })], null)
            : Refused(diagnostics);
    }

    private static void CheckFits(PlanGraph graph, ImmutableArray<StepDraft> drafts,
        DiagnosticList diagnostics)
    {
        var left = WorkflowLimits.StepsMax - graph.Plan.Tasks.Length;
        if (drafts.Length > left)
        {
            diagnostics.Add(1, 1, new AegisError("AEGIS1016", "the run would have too many tasks",
                $"at most {left} more", $"{drafts.Length}"));
        }
        foreach (var draft in drafts.Where(d => graph.IndexOf(d.Id) is not null))
        {
            diagnostics.Add(draft.IdNode, "AEGIS1021", $"the run has a step {draft.Id} already",
                "an id that is new to the run", draft.Id, "rename it");
        }
    }

    private static FragmentResult Refused(DiagnosticList diagnostics)
    {
        var all = diagnostics.ToImmutable();
        return new FragmentResult([], new AegisError("AEGIS5039", "the added steps are no steps: "
            + string.Join("; ", all.Take(5).Select(d =>
                $"{d.At.Line}:{d.At.Column} {d.Error.Code} {d.Error.Message}")),
            "steps of the workflow language", null, "docs/dsl.md has their keys"));
    }
}

public sealed record FragmentResult(ImmutableArray<PlanTask> Tasks, AegisError? Error)
{
    public bool Ok => Error is null;
}
