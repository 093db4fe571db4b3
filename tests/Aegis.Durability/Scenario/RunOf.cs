using Aegis.Client;
using Aegis.Durability.Judges;
using Aegis.Durability.Points;
using Aegis.Durability.Proxy;

namespace Aegis.Durability.Scenario;

/// <summary>One run of the scenario, found by its mark and followed to its end.</summary>
internal sealed class RunOf(Theatre theatre, string mark, Strike? last, string? workflow = null)
{
    private static readonly string[] Ends = ["PlanCompleted", "RunFailed", "RunCancelled"];

    /// <summary>Starts the run where the ledger has none, and returns its events when it has ended.</summary>
    public async Task<(RunStream Run, IReadOnlyList<StoredEvent> Events)> EndAsync()
    {
        var ended = new Tripwire(f => f.Events.Any(e => Ends.Contains(e.Type)), Moment.AfterAnswer,
            _ => Task.FromResult(true));
        theatre.Proxy.ArmAlso(ended);
        var found = await theatre.Ledger.RunsOfAsync(mark);
        if (found.Count == 0)
        {
            await theatre.Client.StartRunAsync(theatre.Order(workflow ?? theatre.Scenario, mark));
            found = await theatre.Ledger.RunsOfAsync(mark);
        }
        if (found.Count != 1)
        {
            throw new InvalidDataException($"{found.Count} runs in place of one");
        }
        await WaitAsync(ended, found[0]);
        return (found[0], await theatre.Ledger.EventsOfAsync(found[0]));
    }

    private async Task WaitAsync(Tripwire ended, RunStream run)
    {
        using var limit = new CancellationTokenSource(PointRun.EndWithin);
        while (!await theatre.Ledger.HasEndedAsync(run))
        {
            // a second look now and then: PostgreSQL may have committed the end without answering
            await Task.WhenAny(ended.Fired,
                Task.Run(() => limit.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(1))));
            if (limit.IsCancellationRequested)
            {
                var events = await theatre.Ledger.EventsOfAsync(run);
                throw new TimeoutException(
                    $"{run.Id} did not end within {PointRun.EndWithin.TotalSeconds} s; its "
                    + "last events: "
                    + string.Join(", ", events.TakeLast(4).Select(e => $"{e.Type} {e.Step}")));
            }
            if (last is not null)
            {
                await last.SuperviseAsync();
            }
        }
    }
}
