using System.Diagnostics;
using System.Text.Json;
using Aegis.Client;
using Aegis.Durability.Judges;
using Aegis.Durability.Points;
using Aegis.Durability.Product;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Line;

/// <param name="State">What was left; null where the run did not end.</param>
/// <param name="Asked">How often the provider was asked: what was paid for.</param>
/// <param name="Again">Of these, how often because the call before was in flight when the server
/// died.</param>
internal sealed record LineResult(LinePoint Point, IReadOnlyList<Fault> Faults, TimeSpan Took,
    EndState? State, int Asked, int Kills, int Again)
{
    public bool Passed => Faults.Count == 0;
}

/// <summary>
/// Plays the sample in a project of its own: 1. starts it; 2. kills the server at each blow and starts it
/// again; 3. says yes to the deployment; 4. waits for the end; 5. judges what is there.
/// </summary>
internal sealed class LineRun(Theatre theatre, LineModel model, LinePoint point, EndState? undisturbed)
{
    private const string Objective = "Quiero una API de tareas con SQLite y pruebas";
    private static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);
    private readonly string project = $"line-{point.Number:000}";
    private readonly List<Fault> faults = [];
    private readonly Queue<LineBlow> left = new(point.Blows);
    private readonly LineBlows blows = new(theatre, model);
    private LineBlow? blow;
    private Task struck = Task.CompletedTask;

    public async Task<LineResult> PlayAsync()
    {
        var since = Stopwatch.StartNew();
        EndState? state = null;
        try
        {
            await theatre.MendAsync();
            model.Reset();
            await BeginAsync();
            state = await JudgeAsync(await EndAsync(since));
        }
        catch (Exception e)
        {
            faults.Add(new Fault(e is TimeoutException ? Fault.Stuck : Fault.Broke,
                $"{e.GetType().Name}: {e.Message}"));
            // whatever state it is in, the next point begins with a new one
            theatre.Server.Signal(Posix.Kill);
            await theatre.Server.EndAsync();
        }
        theatre.Proxy.Disarm();
        return new LineResult(point, faults, since.Elapsed, state, model.Asked.Count, blows.Kills,
            blows.Again);
    }

    private async Task BeginAsync()
    {
        await theatre.Client.CreateProjectAsync(project);
        using var client = theatre.Connect(theatre.Server, project);
        await client.SetProfileAsync(new SetProfile(model.Profile, new Dictionary<string, string>()));
        Next();
        await client.CreatePlanAsync(new CreatePlan
        {
            Objective = Objective,
            Inputs = JsonSerializer.SerializeToElement(new { name = "todo" }),
        });
    }

    private async Task<LineLedger> EndAsync(Stopwatch since)
    {
        for (; ; )
        {
            var ledger = await LineLedger.ReadAsync(theatre.Ledger, project);
            if (struck.IsCompleted)
            {
                await struck;
                faults.AddRange(await blows.CountAsync(blow!, project));
                Next();
                await theatre.StartServerAsync();
            }
            else if (ledger.HasEnded)
            {
                return ledger;
            }
            else if (since.Elapsed > EndWithin)
            {
                throw new TimeoutException("no end; at last: " + string.Join("; ", ledger.Runs.Select(r =>
                    $"{r.Key}: {r.Value.Events[^1].Type} {r.Value.Events[^1].Step}")));
            }
            else if (!theatre.Server.Runs && !(blow is not null && blows.Falling))
            {
                faults.Add(new Fault(Fault.Broke, $"the server gave up: {theatre.Server.ExitCode}"));
                await theatre.StartServerAsync();
            }
            await GrantAsync();
            await Task.WhenAny(struck, LineBlows.PassAsync(Look));
        }
    }

    private void Next()
    {
        blow = left.TryDequeue(out var next) ? next : null;
        struck = blows.Arm(blow);
    }

    /// <summary>Says yes to whatever waits for somebody: the deployment.</summary>
    private async Task GrantAsync()
    {
        using var client = theatre.Connect(theatre.Server, project);
        try
        {
            foreach (var waiting in (await client.ListApprovalsAsync()).Items)
            {
                await client.GrantAsync(waiting.ApprovalId);
            }
        }
        catch (Exception e) when (e is AegisUnreachableException or AegisApiException or HttpRequestException)
        {
            // killed meanwhile, or it does not wait any more
        }
    }

    private async Task<EndState> JudgeAsync(LineLedger ledger)
    {
        using var client = theatre.Connect(theatre.Server, project);
        var forge = new RepositoryReading(Directory.GetDirectories(
            Path.Combine(theatre.Home, "forge"), "*.git", SearchOption.AllDirectories)
            .Single(d => d.Contains($"/{project}/", StringComparison.Ordinal)));
        var state = await LineState.ReadAsync(ledger, forge, client);
        if (undisturbed is null && ledger.Outputs is null)
        {
            faults.Add(new Fault(Fault.EndState, LineState.Failures(ledger)));
        }
        if (undisturbed is not null && state.DifferenceFrom(undisturbed) is { } difference)
        {
            faults.Add(new Fault(Fault.EndState, $"{difference}\n{LineState.Failures(ledger)}"));
        }
        foreach (var (name, (run, events)) in ledger.Runs)
        {
            faults.AddRange(RunJudge.Doubled(events).Select(f => f with { Words = $"{name}: {f.Words}" }));
            faults.AddRange(events.Where(e => e.Type == "ModelReplied").GroupBy(e => e.Step!)
                .Where(turn => turn.Count() > 1)
                .Select(turn => new Fault(Fault.Doubled, $"{name}: {turn.Key} was replied to twice")));
            if (LedgerReading.BrokenAt(run, events) is { } broken)
            {
                faults.Add(new Fault(Fault.Chain, $"{name}: {broken}"));
            }
        }
        if (model.Asked.Count != ledger.Replies + blows.Again)
        {
            faults.Add(new Fault(Fault.Doubled, $"the provider was asked {model.Asked.Count} times for "
                + $"{ledger.Replies} replies and {blows.Again} calls in flight"));
        }
        if (left.Count > 0)
        {
            faults.Add(new Fault(Fault.Missed, $"the run ended before {left.Count} blows"));
        }
        faults.AddRange(blows.Family.Where(ProcessTable.IsAlive)
            .Select(p => new Fault(Fault.Orphan, $"{p.Command} ({p.Pid}) outlived its server")));
        faults.AddRange(await new LineApp(client, "todo").AskAsync());
        return state;
    }
}
