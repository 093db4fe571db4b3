using System.Text;
using Aegis.Client;
using Aegis.Durability.Points;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Judges;

/// <summary>Holds a run that was struck against one that was not.</summary>
internal sealed class RunJudge(Theatre theatre, EndState undisturbed)
{
    private static readonly TimeSpan ShownWithin = TimeSpan.FromSeconds(10);

    public async Task<IReadOnlyList<Fault>> JudgeAsync(
        RunStream run, IReadOnlyList<StoredEvent> events, string mark)
    {
        var faults = new List<Fault>();
        var state = await EndState.ReadAsync(events, theatre.Repository, mark);
        if (state.DifferenceFrom(undisturbed) is { } difference)
        {
            faults.Add(new Fault(Fault.EndState, $"{run.Id}: {difference}{Failure(events)}"));
        }
        if (LedgerReading.BrokenAt(run, events) is { } broken)
        {
            faults.Add(new Fault(Fault.Chain, $"{run.Id}: {broken}"));
        }
        faults.AddRange(Doubled(events));
        faults.AddRange(await ShownAsync(run, events, theatre.Client));
        return faults;
    }

    private static string Failure(IReadOnlyList<StoredEvent> events) =>
        events.LastOrDefault(
            e => e.Type is "TaskFailed" or "TaskInDoubt" or "RunFailed" && e.Step is not null)
            is { } failed ? $"; {failed.Type}: {Encoding.UTF8.GetString(failed.Payload)}" : "";

    /// <summary>A finished task never runs again: nothing of a step comes after its TaskCompleted.</summary>
    public static IEnumerable<Fault> Doubled(IReadOnlyList<StoredEvent> events)
    {
        var done = new HashSet<string>();
        foreach (var e in events.Where(e => e.Step is not null))
        {
            if (done.Contains(e.Step!))
            {
                yield return new Fault(Fault.Doubled, $"{e.Type} of {e.Step} after its TaskCompleted");
            }
            if (e.Type == "TaskCompleted")
            {
                done.Add(e.Step!);
            }
        }
    }

    /// <summary>The door shows what the ledger has, after whatever happened to the projections.</summary>
    public async Task<IReadOnlyList<Fault>> ShownAsync(RunStream run, IReadOnlyList<StoredEvent> events,
        AegisClient client)
    {
        var expected = events[^1].Type == "PlanCompleted" ? "succeeded" : "failed";
        using var limit = new CancellationTokenSource(ShownWithin);
        var shown = "nothing";
        while (!limit.IsCancellationRequested)
        {
            try
            {
                var detail = await client.GetRunAsync(run.Id, limit.Token);
                var open = detail.Tasks.Where(t => t.Status is not "succeeded").ToList();
                shown = $"run {detail.Status}, "
                    + string.Join(", ", open.Select(t => $"{t.StepId} {t.Status}"));
                if (detail.Status == expected && (open.Count == 0 || expected != "succeeded"))
                {
                    return [];
                }
            }
            catch (Exception e) when (e is AegisUnreachableException or AegisApiException)
            {
                shown = e.Message;
            }
            catch (OperationCanceledException)
            {
                break;
            }
            // projections follow the ledger within 50 ms
            await Task.Run(() => limit.Token.WaitHandle.WaitOne(50));
        }
        return [new Fault(Fault.EndState, $"{run.Id}: the ledger says {expected}, the door shows {shown}")];
    }
}
