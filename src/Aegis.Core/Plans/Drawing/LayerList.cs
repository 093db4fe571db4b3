namespace Aegis.Core.Plans.Drawing;

/// <summary>A graph that is too wide for boxes: its layers one below the other, each step with what it
/// needs.</summary>
internal static class LayerList
{
    /// <summary>Steps of one layer that are named; the rest is counted.</summary>
    public const int StepsMax = 200;

    /// <summary>Layers that are shown; the rest is counted.</summary>
    public const int LayersMax = 200;

    private const int NeedsMax = 3;

    public static IEnumerable<PictureLine> Of(Plan plan, int width, bool ascii)
    {
        var layers = Layers(plan);
        for (var i = 0; i < Math.Min(layers.Length, LayersMax); i++)
        {
            var count = layers[i].Count == 1 ? "1 step" : $"{layers[i].Count} steps side by side";
            yield return Line((ascii ? "+- " : "┌─ ", TextStyle.Line),
                ($"layer {i + 1} of {layers.Length}: {count}", TextStyle.Title));
            foreach (var row in Rows(plan, layers[i], width - 4, ascii))
            {
                yield return Line((ascii ? "|  " : "│  ", TextStyle.Line), (row, TextStyle.Plain));
            }
            yield return Line((ascii ? "+-" : "└─", TextStyle.Line));
        }
        if (layers.Length > LayersMax)
        {
            yield return Line(($"and {layers.Length - LayersMax} more layers", TextStyle.Plain));
        }
    }

    private static List<PlanTask>[] Layers(Plan plan)
    {
        var layer = PlanLayers.Of(plan);
        return [.. plan.Tasks.GroupBy(t => layer[t.Index]).OrderBy(g => g.Key).Select(g => g.ToList())];
    }

    private static IEnumerable<string> Rows(Plan plan, List<PlanTask> tasks, int width, bool ascii)
    {
        var cells = tasks.Take(StepsMax).Select(t => Cell(plan, t, ascii)).ToList();
        var column = Math.Min(width, cells.Max(c => c.Length));
        var columns = Math.Max(1, (width + 3) / (column + 3));
        foreach (var row in cells.Chunk(columns))
        {
            yield return string.Join("   ", row.Select(c => (c.Length > width ? c[..width] : c)
                .PadRight(column)))
                .TrimEnd();
        }
        if (tasks.Count > StepsMax)
        {
            yield return $"and {tasks.Count - StepsMax} more";
        }
    }

    private static string Cell(Plan plan, PlanTask task, bool ascii)
    {
        var arrow = ascii ? " <- " : " ← ";
        var needs = task.Needs.Take(NeedsMax).Select(n => plan.Tasks[n].StepId);
        var more = task.Needs.Length > NeedsMax ? $", +{task.Needs.Length - NeedsMax}" : "";
        return task.StepId + (task.Needs.IsEmpty ? "" : arrow + string.Join(", ", needs) + more);
    }

    private static PictureLine Line(params (string, TextStyle)[] runs) => new(runs);
}
