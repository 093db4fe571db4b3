using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger;
using Aegis.Ledger.Triggers;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

/// <summary>Starts the runs that are due. A kill between a run's first fact and the row's mark shows as a run
/// that exists already, which is what was wanted.</summary>
internal sealed class StartBeat(StartTable table, RunDesk runs, ILogger log)
{
    /// <summary>Tries of a start that meets passing faults only.</summary>
    public const int AttemptsMax = 50;

    private const int ErrorCharsMax = 1_000;
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    public async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        while (await table.TakeAsync(due => StartAsync(due, cancel), cancel))
        {
            cancel.ThrowIfCancellationRequested();
        }
        return await table.WaitAsync(cancel);
    }

    private async Task<StartAnswer> StartAsync(DueStart due, CancellationToken cancel)
    {
        try
        {
            using var context = JsonDocument.Parse(due.Context);
            var actor = new Principal(due.Actor, due.Tenancy, due.Scopes.ToImmutableHashSet());
            var run = await runs.StartAsync(actor, due.Plan, new RunRequest(
                null, context.RootElement, due.Repository, due.Ref, due.RunId), cancel);
            return run == due.RunId
                ? StartAnswer.Started
                : new StartAnswer(Note: $"{run.Value} has run for the same dedupe_key");
        }
        catch (AegisException e) when (e.Error.Code == RunStart.RunExists)
        {
            return StartAnswer.Started;
        }
        catch (AegisException e) when (!IsPassing(e) || due.Attempts + 1 >= AttemptsMax)
        {
            return Refused(due, e.Error.ToString());
        }
        catch (Exception e) when (e is AegisException || PassingFault.Is(e))
        {
            var wait = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, due.Attempts), WaitMax.TotalSeconds));
            return due.Attempts + 1 < AttemptsMax
                ? new StartAnswer(Cut(e.Message), wait)
                : Refused(due, e.Message);
        }
    }

    private StartAnswer Refused(DueStart due, string error)
    {
        TriggerLog.StartRefused(log, $"{due.Tenancy}", due.Workflow, error);
        return new StartAnswer(Cut(error));
    }

    // the node is stopping, starting or fenced: another one, or its next life, starts the run
    private static bool IsPassing(AegisException e) =>
        e.Error.Code == PumpErrors.NotHere.Code || e.Error.Code == "AEGIS5012";

    private static string Cut(string text) => text.Length <= ErrorCharsMax ? text : text[..ErrorCharsMax];
}
