using System.Diagnostics;
using System.Runtime.InteropServices;
using Aegis.Durability.Judges;
using Aegis.Durability.Points;
using Aegis.Durability.Product;
using Aegis.Durability.Scenario;

namespace Aegis.Durability;

internal sealed record HarnessResult(IReadOnlyList<PointResult> Results, IReadOnlyList<Fault> AtEnd)
{
    public int Failed => Results.Count(r => !r.Passed) + AtEnd.Count;

    public int ExitCode => Failed == 0 && Results.Count > 0 ? 0 : 1;
}

/// <summary>The whole judgement of one build of the server.</summary>
internal static class Harness
{
    public static async Task<HarnessResult> RunAsync(HarnessOptions options, string? serverAssembly = null,
        Func<Point, bool>? chosen = null, bool zombiesOnly = false)
    {
        var root = Places.NewFolder();
        Console.WriteLine($"durability: seed {options.Seed}, folder {root}");
        HarnessResult result;
        var whole = Stopwatch.StartNew();
        try
        {
            result = await PlayAllAsync(
                options, root, serverAssembly ?? options.Server ?? Places.ServerAssembly(),
                chosen, zombiesOnly || options.Zombies);
        }
        finally
        {
            if (!options.Keep)
            {
                await RemoveAsync(root);
            }
        }
        PointTable.Print(result.Results);
        foreach (var fault in result.AtEnd)
        {
            Console.WriteLine($"FAIL at the end: {fault.Code}: {fault.Words}");
        }
        Console.WriteLine($"seed {options.Seed}: {whole.Elapsed.TotalSeconds:0} s");
        var passed = result.Results.Count(r => r.Passed);
        Console.WriteLine($"durability: {passed} passed, "
            + $"{result.Failed} failed");
        return result;
    }

    private static async Task<HarnessResult> PlayAllAsync(HarnessOptions options, string root, string server,
        Func<Point, bool>? chosen, bool zombiesOnly)
    {
        var results = new List<PointResult>();
        await using (var theatre = await Theatre.OpenAsync(root, server, Places.PostgresBinaries(),
            options.Scenario))
        {
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => theatre.Abandon());
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => theatre.Abandon());
            if (!zombiesOnly)
            {
                if (Theatre.Workflow(theatre.Scenario).Contains("uses: git.", StringComparison.Ordinal))
                {
                    await theatre.ImportRepositoryAsync();
                }
                var (undisturbed, recorded, steps) = await UndisturbedAsync(theatre);
                var points = PointPlan.Make(options.Seed, options.Points)
                    .Where(p => p.Step is null || steps.Contains(p.Step))
                    .Where(p => options.Only is null || p.Number == options.Only)
                    .Where(p => chosen is null || chosen(p));
                foreach (var point in points)
                {
                    results.Add(Told(await new PointRun(theatre, point, undisturbed, recorded).PlayAsync()));
                }
            }
            if (chosen is null && options.Only is null)
            {
                foreach (var step in ZombieRun.Steps)
                {
                    results.Add(Told(await new ZombieRun(theatre, 900 + results.Count, step).PlayAsync()));
                }
            }
            return new HarnessResult(results, zombiesOnly ? [] : await AtEndAsync(theatre));
        }
    }

    private static async Task<(EndState State, IReadOnlySet<string> Recorded, IReadOnlySet<string> Steps)>
        UndisturbedAsync(Theatre theatre)
    {
        var since = Stopwatch.StartNew();
        const string mark = "calm";
        var (_, events) = await new RunOf(theatre, mark, null).EndAsync();
        var state = await EndState.ReadAsync(events, theatre.Repository, mark);
        Console.WriteLine($"undisturbed run: {since.Elapsed.TotalSeconds:0.0} s, {events.Count} events");
        if (events[^1].Type != "PlanCompleted")
        {
            throw new ArgumentException($"the undisturbed run does not end well:\n{state.Text}\n"
                + string.Join('\n', events.Where(e => e.Type == "TaskFailed")
                    .Select(e => System.Text.Encoding.UTF8.GetString(e.Payload))));
        }
        return (state, events.Where(e => e.Type == "ToolCalled").Select(e => e.Step!).ToHashSet(),
            events.Where(e => e.Step is not null).Select(e => e.Step!).ToHashSet());
    }

    /// <summary>What must hold when all is over: the product's own verifier agrees, a stop in order leaves no
    /// process and no attempt behind.</summary>
    private static async Task<IReadOnlyList<Fault>> AtEndAsync(Theatre theatre)
    {
        var faults = new List<Fault>();
        var verdict = await theatre.Client.VerifyAuditAsync();
        Console.WriteLine($"audit verify: {(verdict.Ok ? "ok" : "broken")}, {verdict.Streams} streams, "
            + $"{verdict.Events} events");
        faults.AddRange(verdict.Findings.Select(f => new Fault(Fault.Chain, f)));
        var code = await theatre.Server.StopAsync();
        if (code != 0)
        {
            faults.Add(new Fault(Fault.Broke, $"the last stop in order ended with {code}"));
        }
        faults.AddRange(ProcessTable.Naming(theatre.Home)
            .Select(p => new Fault(Fault.Orphan, $"{p.Command} ({p.Pid}) is left")));
        faults.AddRange(Directory.GetDirectories(Path.Combine(theatre.Home, "workspaces"))
            .Where(r => Directory.Exists(Path.Combine(r, "a")))
            .SelectMany(r => Directory.GetDirectories(Path.Combine(r, "a")))
            .Select(a => new Fault(Fault.EndState, $"an attempt of an ended run is left: {a}")));
        return faults;
    }

    private static PointResult Told(PointResult result)
    {
        Console.WriteLine($"{(result.Passed ? "ok  " : "FAIL")} {result.Point.Number,3} "
            + $"{result.Took.TotalSeconds,5:0.0} s  {result.Point}"
            + (result.Note is null ? "" : $" ({result.Note})"));
        foreach (var fault in result.Faults)
        {
            Console.WriteLine($"         {fault.Code}: {fault.Words}");
        }
        return result;
    }

    /// <summary>Files of a sandbox's own uid are deleted from inside such a namespace; the product
    /// can.</summary>
    public static async Task RemoveAsync(string root)
    {
        try
        {
            Directory.Delete(root, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Command.RunAsync("unshare", ["--user", "--map-root-user", "--map-auto", "rm", "-rf", root],
                mayFail: true);
        }
    }
}
