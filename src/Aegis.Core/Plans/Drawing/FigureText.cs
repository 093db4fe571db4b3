using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Plans.Drawing;

/// <summary>The lines that stand in a node.</summary>
/// <param name="Title">The step's id, or how many stand side by side.</param>
/// <param name="Below">The tool, marks, and the ids of folded steps.</param>
public sealed record FigureText(string Title, ImmutableArray<string> Below)
{
    public const int TitleMax = 32;
    public const int FoldedLineMax = 46;
    public const int FoldedLinesMax = 8;

    public static FigureText Of(FigureNode node, Plan plan)
    {
        if (node.Tasks is [var only])
        {
            var task = plan.Tasks[only];
            var marks = Marks(task);
            return new FigureText(Cut(task.StepId, TitleMax), marks.Length == 0 ? [Cut(task.Tool, TitleMax)]
                : [Cut(task.Tool, TitleMax), marks]);
        }
        var tools = string.Join(", ", node.Tasks.Select(t => plan.Tasks[t].Tool).Distinct());
        return new FigureText($"{node.Tasks.Length} side by side",
            [Cut(tools, FoldedLineMax), .. Rows([.. node.Tasks.Select(t => plan.Tasks[t].StepId)])]);
    }

    /// <summary>What makes a step more than one call: in few words.</summary>
    private static string Marks(PlanTask task)
    {
        var options = task.Options;
        IEnumerable<string?> marks =
        [
            task.If is null ? null : "if",
            options.Approve is null ? null : "approval",
            options.Foreach is not { } each ? null
                : each.Items.ValueKind == JsonValueKind.Array ? $"× {each.Items.GetArrayLength()}"
                    : "× items",
            options.Repeat is not { } repeat ? null : $"until, × {repeat.Max}",
            options.Locks.IsEmpty ? null : "lock",
            task.Retry.Max == 0 ? null : $"retry {task.Retry.Max}",
        ];
        return string.Join(" · ", marks.OfType<string>());
    }

    private static List<string> Rows(string[] ids)
    {
        var rows = new List<string>();
        var row = "";
        for (var i = 0; i < ids.Length; i++)
        {
            var id = Cut(ids[i], TitleMax);
            if (row.Length > 0 && row.Length + 2 + id.Length > FoldedLineMax)
            {
                rows.Add(row);
                row = "";
                if (rows.Count == FoldedLinesMax)
                {
                    rows.Add($"… and {ids.Length - i} more");
                    return rows;
                }
            }
            row += row.Length == 0 ? id : "  " + id;
        }
        rows.Add(row);
        return rows;
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..(max - 1)] + "…";
}
