using System.Globalization;
using Aegis.Core.Errors;

namespace Aegis.Gate.Turns;

/// <summary>What a turn of an agent may do beside its own call: make calls through the same gate, in the
/// run's name with the agent's tools alone, over the turn's own files. Each of them, and the model's reply
/// before them, is a fact before the turn goes on.</summary>
internal sealed class TurnRoom(Gate gate, ITurnJournal journal, GateExecution turn)
{
    private Principal By => turn.Context.Principal;

    public ValueTask<IReadOnlyList<Tool>> OfferedAsync(Func<string, bool> wanted, CancellationToken cancel) =>
        gate.OfferedAsync(By, wanted, cancel);

    /// <summary>While its model is asked, a turn takes no place from those that work.</summary>
    public ValueTask<T> AwayAsync<T>(Func<ValueTask<T>> wait, CancellationToken cancel) =>
        journal.AwayAsync(wait, cancel);

    public async ValueTask<TurnReply> RepliedAsync(TurnReply reply, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var redactor = turn.Redactor;
        var shown = reply with
        {
            Text = redactor.Redact(reply.Text),
            Calls = [.. reply.Calls.Select(c => c with
            {
                Name = redactor.Redact(c.Name),
                Arguments = redactor.Redact(c.Arguments),
            })],
        };
        var (costUsd, models) = turn.TakeModels();
        return await journal.RepliedAsync(shown, costUsd, models) is { } refused
            ? throw new AegisException(refused) : shown;
    }

    public async ValueTask<CallOutcome> CallAsync(TurnCall wanted, CancellationToken cancel)
    {
        var context = turn.Context with
        {
            CallId = turn.Context.CallId + "." + wanted.Number.ToString(CultureInfo.InvariantCulture),
            Principal = By with { ToolsOnly = wanted.ToolsOnly },
            Grant = null,
            Turn = null,
        };
        var call = new GateCall(wanted.Tool, wanted.Input, context) { Within = turn };
        var effect = (await gate.FindAsync(By, wanted.Tool, cancel))?.Descriptor.Effect ?? ToolEffect.Pure;
        var outcome = await gate.InvokeAsync(call, journal.Within(context.CallId), cancel);
        // an attempt that is over has no facts any more
        cancel.ThrowIfCancellationRequested();
        return journal.Returned(context.CallId, wanted.Tool, effect, outcome) is { } refused
            ? throw new AegisException(refused) : outcome;
    }
}
