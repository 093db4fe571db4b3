using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Looks tools up and lets them judge constant inputs; what a tool says of a member stands at that
/// member.</summary>
internal sealed class ToolCheck(SourceText source, DiagnosticList diagnostics,
    IReadOnlyCollection<string>? knownTools, Func<string, JsonElement, AegisError?>? checkInput)
{
    private const int ToolsShownMax = 40;

    public void CheckAll(ImmutableArray<StepDraft> steps, TaskOrder order, ImmutableArray<PlanTask> tasks)
    {
        for (var i = 0; i < tasks.Length; i++)
        {
            if (steps[order.Order[i]] is { Tool.Length: > 0 } step)
            {
                Check(step, tasks[i].With);
            }
        }
    }

    private void Check(StepDraft step, JsonElement with)
    {
        if (knownTools?.Contains(step.Tool) == false)
        {
            diagnostics.Add(step.Node["uses"]!, "AEGIS1024", $"there is no tool {step.Tool}",
                string.Join(", ", knownTools.Order(StringComparer.Ordinal).Take(ToolsShownMax)), step.Tool,
                diagnostics.DidYouMean(step.Tool, knownTools));
        }
        else if (!Template.HasExpressions(with) && checkInput?.Invoke(step.Tool, with) is { } error)
        {
            var (line, column) = PlaceOf(error.Place, step);
            diagnostics.Add(line, column, error);
        }
    }

    /// <summary>The member that the tool named; without one, the input or else the tool's name.</summary>
    private (int Line, int Column) PlaceOf(ErrorPlace? place, StepDraft step)
    {
        SourceNode at = step.With ?? step.Node["uses"] ?? step.Node;
        if (place is null || step.With is null)
        {
            return (at.Line, at.Column);
        }
        ScalarNode? name = null;
        foreach (var part in ErrorPlace.Steps(place.Pointer))
        {
            if (at is MappingNode map && map.Members.FirstOrDefault(m => m.Key.Text == part) is { } member)
            {
                (name, at) = (member.Key, member.Value);
            }
            else if (at is SequenceNode list && int.TryParse(part, CultureInfo.InvariantCulture, out var i)
                && i < list.Items.Length)
            {
                at = list.Items[i];
            }
            else
            {
                break;
            }
        }
        return place.AtName && name is not null ? (name.Line, name.Column)
            : at is ScalarNode scalar && place.Offset > 0 ? source.PlaceIn(scalar, place.Offset)
            : (at.Line, at.Column);
    }
}
