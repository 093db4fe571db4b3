using System.Diagnostics;
using Aegis.Client;
using Aegis.Durability.Judges;
using Aegis.Durability.Product;
using Aegis.Durability.Proxy;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Points;

/// <summary>
/// Plays one point: 1. arms the proxy and the sign; 2. starts a run of the scenario; 3. strikes at the
/// moment; 4. brings back what was struck; 5. waits for the run's end; 6. judges what is there.
/// </summary>
internal sealed class PointRun(
    Theatre theatre, Point point, EndState undisturbed, IReadOnlySet<string> recorded)
{
    public static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SignWithin = TimeSpan.FromSeconds(1);
    private const int StartsMax = 5;
    private readonly string mark = $"p{point.Number:000}";
    private readonly List<Fault> faults = [];
    private readonly List<Strike> strikes = [];
    private readonly TaskCompletionSource struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource never = new();
    private int blows;
    private string? note;

    public async Task<PointResult> PlayAsync()
    {
        var since = Stopwatch.StartNew();
        try
        {
            await theatre.MendAsync();
            await StrikeAsync();
            await FinishAsync();
        }
        catch (Exception e)
        {
            faults.Add(new Fault(
                e is TimeoutException ? Fault.Stuck : Fault.Broke, $"{e.GetType().Name}: {e.Message}"));
        }
        theatre.Proxy.Disarm();
        return new PointResult(point, faults, since.Elapsed, note);
    }

    private async Task StrikeAsync()
    {
        using var sign = point.Sign == Sign.None ? null : new ActSign(theatre, point, mark);
        var strike = Add(point.Victim);
        var wire = sign is null ? AtFlush(strike) : AtReturn(sign, strike);
        theatre.Proxy.Arm(wire);
        var start = StartAsync(strike);
        try
        {
            await (sign is null ? wire.Fired.WaitAsync(EndWithin) : AtSignAsync(sign, strike));
        }
        catch (TimeoutException)
        {
            var said = start.IsCompleted ? await start : "nothing yet";
            throw new TimeoutException($"no {point.EventType} {point.Step} came within "
                + $"{EndWithin.TotalSeconds} s; the start said: {said}; server runs: {theatre.Server.Runs}");
        }
        sign?.Release();
        await (point.Again ? AgainAsync(strike) : strike.RecoverAsync());
        // only now: its answer may wait for what was struck
        await start;
    }

    private Tripwire AtFlush(Strike strike) => new(f => f.Has(point.EventType, point.Step), point.Moment,
        _ => Task.FromResult(strike.Run()));

    /// <summary>The return of the act is held at the proxy until the blow has fallen: however fast the act,
    /// the blow comes before its end is a fact.</summary>
    private Tripwire AtReturn(ActSign sign, Strike strike) => new(f => f.Has(point.EventType, point.Step),
        Moment.BeforeForward, async _ =>
        {
            // the kernel's news of what the act did may still be on its way
            await Task.WhenAny(sign.Seen, struck.Task,
                Task.Run(() => never.Token.WaitHandle.WaitOne(SignWithin)));
            if (!sign.Seen.IsCompleted)
            {
                note = "the act was over before its sign was seen; struck before its return was a fact";
                Blow(strike);
            }
            await struck.Task;
            return point.Victim == Victim.ServerGently;
        });

    private async Task AtSignAsync(ActSign sign, Strike strike)
    {
        await Task.WhenAny(sign.Seen, struck.Task).WaitAsync(EndWithin);
        if (!struck.Task.IsCompleted)
        {
            // time stands still for the server while the ledger is asked
            theatre.Server.Signal(Posix.Stop);
            await CheckFactAsync();
            theatre.Server.Signal(Posix.Continue);
            Blow(strike);
        }
    }

    private void Blow(Strike strike)
    {
        if (Interlocked.Exchange(ref blows, 1) == 0)
        {
            strike.Run();
            struck.TrySetResult();
        }
    }

    /// <summary>Law: an act that is not pure is a fact before it happens.</summary>
    private async Task CheckFactAsync()
    {
        if (!recorded.Contains(point.Step!))
        {
            return;
        }
        var run = (await theatre.Ledger.RunsOfAsync(mark)).SingleOrDefault();
        var events = run is null ? [] : await theatre.Ledger.EventsOfAsync(run);
        if (!events.Any(e => e.Type == "ToolCalled" && e.Step == point.Step))
        {
            faults.Add(new Fault(Fault.ActBeforeFact,
                $"{point.Step} acts, and the ledger has no ToolCalled of it"));
        }
    }

    /// <summary>Kills the server a second time, at the first commit of its next life.</summary>
    private async Task AgainAsync(Strike first)
    {
        var second = Add(Victim.Server);
        var wire = new Tripwire(_ => true, Moment.BeforeAnswer, _ => Task.FromResult(second.Run()));
        theatre.Proxy.Arm(wire);
        var recovering = first.RecoverAsync();
        await wire.Fired.WaitAsync(EndWithin);
        try
        {
            await recovering;
        }
        catch (IOException)
        {
            // killed before it said that it was ready
        }
        await second.RecoverAsync();
    }

    private Strike Add(Victim victim)
    {
        var strike = new Strike(theatre, victim);
        strikes.Add(strike);
        return strike;
    }

    /// <summary>Asks until a run is there or the blow has fallen: a server whose connections an earlier point
    /// cut may refuse a request with "try again", and a request may die with the server. Whether it counted,
    /// the ledger says.</summary>
    /// <returns>What the server said last.</returns>
    private async Task<string> StartAsync(Strike strike)
    {
        for (var left = StartsMax; ; left--)
        {
            try
            {
                return (await theatre.Client.StartRunAsync(theatre.Order(theatre.Scenario, mark))).RunId;
            }
            catch (Exception e) when (e is AegisUnreachableException or HttpRequestException or IOException
                or AegisApiException)
            {
                var said = $"{e.GetType().Name}: {e.Message}";
                if (strike.Done || left == 0 || (await theatre.Ledger.RunsOfAsync(mark)).Count > 0)
                {
                    return said;
                }
                note = $"a start was refused: {said}";
            }
        }
    }

    private async Task FinishAsync()
    {
        var ending = new RunOf(theatre, mark, strikes[^1]);
        var (run, events) = await ending.EndAsync();
        if (strikes.Exists(s => s.ServerFollowed))
        {
            note = "the server gave up by itself and was started again";
        }
        faults.AddRange(await new RunJudge(theatre, undisturbed).JudgeAsync(run, events, mark));
        foreach (var orphan in strikes.SelectMany(s => s.Family).Where(ProcessTable.IsAlive))
        {
            faults.Add(new Fault(Fault.Orphan, $"{orphan.Command} ({orphan.Pid}) outlived its server"));
        }
    }
}
