namespace Aegis.Core.Plans.Drawing;

/// <summary>How many steps each task waits for, one after the other.</summary>
public static class PlanLayers
{
    /// <summary>By index: 0 for what starts at once.</summary>
    public static int[] Of(Plan plan)
    {
        var layer = new int[plan.Tasks.Length];
        foreach (var task in plan.Tasks)
        {
            layer[task.Index] = task.Needs.IsEmpty ? 0 : task.Needs.Max(n => layer[n]) + 1;
        }
        return layer;
    }
}
