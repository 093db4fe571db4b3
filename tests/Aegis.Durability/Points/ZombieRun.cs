using System.Diagnostics;
using Aegis.Durability.Judges;
using Aegis.Durability.Product;
using Aegis.Durability.Proxy;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Points;

/// <summary>
/// A server that was paused and wakes up after another has taken its run over: the case that only the fence
/// can tell. 1. A's group commit is held at the proxy and A is stopped; 2. A's lease runs out; 3. B, of
/// another home, starts, fences A and takes the run over, and its first commit is held too; 4. A wakes up,
/// and its old commit goes to PostgreSQL first. It must leave no trace; B finishes the run; A sees that it is
/// dead and ends.
/// </summary>
internal sealed class ZombieRun(Theatre theatre, int number, string step)
{
    private const string Workflow = "chain.yaml";
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private readonly string mark = $"z{number}";
    private readonly List<Fault> faults = [];
    private readonly TaskCompletionSource<Flush> holding =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static IReadOnlyList<string> Steps { get; } = ["n2", "n7"];

    public async Task<PointResult> PlayAsync()
    {
        var since = Stopwatch.StartNew();
        var b = theatre.NewServer($"other-{number}");
        try
        {
            await theatre.MendAsync();
            await PlayAsync(b);
        }
        catch (Exception e)
        {
            faults.Add(new Fault(
                e is TimeoutException ? Fault.Stuck : Fault.Broke, $"{e.GetType().Name}: {e.Message}"));
        }
        theatre.Proxy.Disarm();
        await b.DisposeAsync();
        if (!theatre.Server.Runs)
        {
            await theatre.StartServerAsync();
        }
        var point = new Point(
            number, "fence", step, Phase.During, "TaskCompleted", Moment.BeforeForward, Sign.None,
            Victim.Server);
        return new PointResult(
            point, faults, since.Elapsed, "a paused server wakes up after its run was taken over");
    }

    private async Task PlayAsync(ServerProcess b)
    {
        var release = new TaskCompletionSource<bool>();
        var releaseB = new TaskCompletionSource<bool>();
        try
        {
            await PlayAsync(b, release, releaseB);
        }
        finally
        {
            release.TrySetResult(false);
            releaseB.TrySetResult(false);
        }
    }

    private async Task PlayAsync(ServerProcess b, TaskCompletionSource<bool> release,
        TaskCompletionSource<bool> releaseB)
    {
        var late = AtHeld(release);
        theatre.Proxy.Arm(late);
        var start = TryStartAsync();
        var held = await holding.Task.WaitAsync(Within);
        await theatre.Ledger.ExpireAsync(held.NodeKey);
        var takenOver = new TaskCompletionSource<Flush>();
        theatre.Proxy.Arm(new Tripwire(f => f.NodeKey > held.NodeKey
            && f.Events.Any(e => e.StreamKey == held.Events[0].StreamKey), Moment.BeforeForward, f =>
        {
            takenOver.TrySetResult(f);
            return releaseB.Task;
        }));
        var starting = b.StartAsync();
        await takenOver.Task.WaitAsync(Within);
        if (!await theatre.Ledger.IsFencedAsync(held.NodeKey))
        {
            faults.Add(new Fault(Fault.FencedWrite, "a run was taken over from a server that is not fenced"));
        }
        theatre.Server.Signal(Posix.Continue);
        release.SetResult(true);
        await late.Answered.WaitAsync(Within);
        releaseB.SetResult(true);
        await starting;
        using var client = theatre.Connect(b);
        await EndedAsync();
        await start;
        await JudgeAsync(held, client);
    }

    /// <summary>A server that is fenced says so and ends; one that goes on is a second writer.</summary>
    private async Task EndedAsync()
    {
        try
        {
            if (await theatre.Server.EndAsync() == 0)
            {
                faults.Add(new Fault(Fault.FencedWrite, "the paused server ended as if all were well"));
            }
        }
        catch (TimeoutException)
        {
            theatre.Server.Kill();
            faults.Add(new Fault(Fault.Stuck, "the paused server was fenced and did not end"));
        }
    }

    private Tripwire AtHeld(TaskCompletionSource<bool> release) =>
        new(f => f.Has("TaskCompleted", step), Moment.BeforeForward, f =>
        {
            theatre.Server.Signal(Posix.Stop);
            holding.SetResult(f);
            return release.Task;
        });

    private async Task TryStartAsync()
    {
        try
        {
            await theatre.Client.StartRunAsync(theatre.Order(Workflow, mark));
        }
        catch (Exception e) when (e is Client.AegisUnreachableException or Client.AegisApiException)
        {
            // its server is paused or gone; the ledger tells whether the run is there
        }
    }

    private async Task JudgeAsync(Flush held, Client.AegisClient client)
    {
        foreach (var e in held.Events)
        {
            if (await theatre.Ledger.HasHashAsync(e.StreamKey, e.Version, e.Hash))
            {
                faults.Add(new Fault(Fault.FencedWrite,
                    $"{e.Type} {e.StepId} of a fenced server is in the ledger (version {e.Version})"));
            }
        }
        var (run, events) = await new RunOf(theatre, mark, null, Workflow).EndAsync();
        if (LedgerReading.BrokenAt(run, events) is { } broken)
        {
            faults.Add(new Fault(Fault.Chain, broken));
        }
        faults.AddRange(await new RunJudge(theatre, new EndState("")).ShownAsync(run, events, client));
        var completed = events.Where(e => e.Type == "TaskCompleted").GroupBy(e => e.Step)
            .ToDictionary(g => g.Key!, g => g.Count());
        if (events[^1].Type != "PlanCompleted" || completed.Count != 10 || completed.Any(c => c.Value != 1))
        {
            faults.Add(new Fault(Fault.EndState, $"{run.Id} ends with {events[^1].Type}, "
                + string.Join(", ", completed.Select(c => $"{c.Key} × {c.Value}"))));
        }
    }
}
