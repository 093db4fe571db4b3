using System.Diagnostics;
using System.Runtime.InteropServices;
using Aegis.Durability.Points;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Line;

/// <summary>The second scenario: the assembly line from a sentence to software that runs, killed at every
/// turn boundary and inside the turns of its agents.</summary>
internal static class LineHarness
{
    public static async Task<int> RunAsync(HarnessOptions options)
    {
        var root = Places.NewFolder();
        Console.WriteLine($"durability-line: seed {options.Seed}, folder {root}");
        var whole = Stopwatch.StartNew();
        var (passed, failed) = (0, 0);
        try
        {
            foreach (var result in await PlayAllAsync(
                options, root, options.Server ?? Places.ServerAssembly(), null))
            {
                (passed, failed) = result.Passed ? (passed + 1, failed) : (passed, failed + 1);
            }
        }
        finally
        {
            if (!options.Keep)
            {
                await Harness.RemoveAsync(root);
            }
        }
        Console.WriteLine($"seed {options.Seed}: {whole.Elapsed.TotalSeconds:0} s");
        Console.WriteLine($"durability-line: {passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    /// <param name="only">One blow alone.</param>
    public static async Task<IReadOnlyList<LineResult>> PlayAllAsync(
        HarnessOptions options, string root, string server, LineBlow? only)
    {
        var words = LineWords.Read(Path.Combine(Places.Root, "samples", "line", "rehearsal.yaml"));
        await using var model = new LineModel(words);
        await using var theatre = await Theatre.OpenAsync(root, server, Places.PostgresBinaries(), null);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => theatre.Abandon());
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => theatre.Abandon());
        var calm = await new LineRun(theatre, model, new LinePoint(0, []), null).PlayAsync();
        Told(calm);
        if (calm.State is not { } state || !calm.Passed)
        {
            throw new ArgumentException($"the undisturbed run does not end well:\n{calm.State?.Text}");
        }
        var results = new List<LineResult> { calm };
        var points = only is not null ? [new LinePoint(1, [only])]
            : LinePoint.Make(options.Seed, calm.Asked, calm.Took, options.Points != int.MaxValue);
        foreach (var point in points.Where(p => options.Only is null || p.Number == options.Only))
        {
            results.Add(Told(await new LineRun(theatre, model, point, state).PlayAsync()));
        }
        var struck = results.Skip(1).ToList();
        Console.WriteLine($"{struck.Sum(r => r.Kills)} kills in {struck.Count} runs of {calm.Asked} turns; "
            + $"{struck.Sum(r => r.Again)} calls were in flight and paid again, no other");
        return results;
    }

    private static LineResult Told(LineResult result)
    {
        Console.WriteLine($"{(result.Passed ? "ok  " : "FAIL")} {result.Point.Number,3} "
            + $"{result.Took.TotalSeconds,5:0.0} s  "
            + (result.Kills == 0 ? "undisturbed" : result.Point.ToString())
            + $" ({result.Asked} calls, {result.Again} of them again)");
        foreach (var fault in result.Faults)
        {
            Console.WriteLine($"         {fault.Code}: {fault.Words}");
        }
        return result;
    }
}
