using Aegis.Durability.Proxy;

namespace Aegis.Durability.Points;

/// <summary>How many points there were of each kind.</summary>
internal static class PointTable
{
    public static void Print(IReadOnlyList<PointResult> results)
    {
        var points = results.Select(r => r.Point).ToList();
        Console.WriteLine("\npoints by tool          before  during   after");
        foreach (var tool in points.Where(p => p.Tool is not null).GroupBy(p => p.Tool!).OrderBy(g => g.Key))
        {
            Console.WriteLine($"  {tool.Key,-20} {Count(tool, Phase.Before)} {Count(tool, Phase.During)} "
                + Count(tool, Phase.After));
        }
        Console.WriteLine("points by commit        before forw.  just forw.  committed   answered");
        foreach (var type in points.Where(p => p.Sign == Sign.None).GroupBy(p => p.EventType)
            .OrderBy(g => g.Key))
        {
            Console.WriteLine($"  {type.Key,-20} " + string.Join("", Enum.GetValues<Moment>()
                .Select(m => $"{type.Count(p => p.Moment == m),12}")));
        }
        Console.WriteLine("points by who was struck");
        foreach (var victim in points.GroupBy(p => p.Victim))
        {
            Console.WriteLine($"  {Point.Words(victim.Key),-20} {victim.Count(),6}");
        }
        Console.WriteLine($"  struck twice         {points.Count(p => p.Again),6}\n");
    }

    private static string Count(IEnumerable<Point> points, Phase phase) =>
        $"{points.Count(p => p.Phase == phase),7}";
}
