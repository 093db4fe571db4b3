using System.Diagnostics;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Gate.Admission;
using Aegis.Gate.Budgets;
using Aegis.Gate.Policies;
using Aegis.Gate.Turns;
using Aegis.Gate.Vaccines;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate;

/// <summary>Law 1: nothing touches a shell, file, repository, network, model or secret except through here.
/// 1. decide (<see cref="GateOrder"/>); 2. make the call a fact (pure calls need none before the act);
/// 3. execute; 4. redact all that comes out; 5. settle and hand the outcome back, to be recorded in one
/// append with what follows.</summary>
/// <param name="budgets">Null where nothing is counted.</param>
/// <param name="policies">Null where no project has a policy: a bench of the engine alone.</param>
public sealed class Gate(ToolCatalogue tools, ExecutionFactory executions, ILogger<Gate> log,
    GateOrder? order = null, PolicyShelf? policies = null, BudgetRoom? budgets = null)
{
    private readonly GateOrder order = order ?? GateOrder.Alone;

    public ILogger Log { get; } = log;

    public async ValueTask<CallOutcome> InvokeAsync(
        GateCall call, ICallJournal journal, CancellationToken cancel)
    {
        var by = call.Context.Principal;
        var tool = await tools.FindAsync(by.Tenancy, call.Tool, cancel);
        var rules = policies is null ? GatePolicy.Open : await policies.OfAsync(by, cancel);
        var admission = order.Decide(tool, new CallOrder(call.Tool, call.Input, by, call.Context.Policy,
            rules, call.Context.Grant)
            {
                IsRead = call.Client is not null,
                Audits = call.Context.Audits,
                CallId = call.Context.CallId,
            });
        if (admission.Denial is { } denial)
        {
            return new CallOutcome(ToolResult.Fail(denial), true, TimeSpan.Zero,
                AsksRule: admission.Asks ? admission.Rule : null,
                Policy: rules.Version, RetryAfter: admission.RetryAfter);
        }
        var counted = rules.LimitsCalls && budgets is not null
            ? await budgets.ReserveAsync(rules.Limits.Calls, CallCost.OneCall, cancel) : default;
        if (counted.Refusal is { } spent)
        {
            return new CallOutcome(ToolResult.Fail(spent), true, TimeSpan.Zero);
        }
#if !AEGIS_SABOTAGE_CALL_FIRST
        if (await RecordAsync(tool!.Descriptor, call, admission.Rule, journal) is { } refused)
        {
            // nothing was done, so nothing was used
            counted.Hold?.Release();
            return new CallOutcome(ToolResult.Fail(refused), true, TimeSpan.Zero);
        }
#endif
        counted.Hold?.Settle(CallCost.OneCall);
        var since = Stopwatch.GetTimestamp();
        await using var execution = await executions.OpenAsync(call, tool!.Descriptor, cancel);
        if (tool.Descriptor.RunsTurns && journal is ITurnJournal turns)
        {
            execution.Turns = new TurnRoom(this, turns, execution);
        }
        execution.Guard = rules.Vaccines;
        var result = await ActAsync(tool, call, execution, cancel);
        if (execution.Guard.ReadsFiles && call.Client is null && tool.CommandLine(call.Input) is not null)
        {
            result = await CommandFiles.JudgeAsync(execution, result, cancel);
        }
#if AEGIS_SABOTAGE_CALL_FIRST
        // never in the product: acts before the act is a fact, which tests/Aegis.Durability must find out
        await RecordAsync(tool.Descriptor, call, admission.Rule, journal);
#endif
        var outcome = await execution.CloseAsync(result);
        return outcome with { Duration = Stopwatch.GetElapsedTime(since) };
    }

    /// <summary>Whether a call of somebody is judged without waiting for the ledger: only then may an inline
    /// tool be called on the commit thread.</summary>
    public bool JudgesAtOnce(Principal by) => policies is null
        || policies.Known(by) is { LimitsCalls: false };

    /// <summary>The tools of a list that somebody may call, by name: the decision that the calls themselves
    /// are held to.</summary>
    internal async ValueTask<IReadOnlyList<Tool>> OfferedAsync(
        Principal by, Func<string, bool> wanted, CancellationToken cancel)
    {
        var rules = policies is null ? GatePolicy.Open : await policies.OfAsync(by, cancel);
        return [.. (await tools.AllAsync(by.Tenancy, cancel))
            .Where(t => wanted(t.Descriptor.Name)
                && order.MayCall(t, t.Descriptor.Name, by, rules) is null)
            .OrderBy(t => t.Descriptor.Name, StringComparer.Ordinal)];
    }

    internal ValueTask<Tool?> FindAsync(Principal by, string tool, CancellationToken cancel) =>
        tools.FindAsync(by.Tenancy, tool, cancel);

    /// <summary>Asks whether an interrupted call took effect. The call was admitted when it began.</summary>
    public async ValueTask<ProbeResult> ProbeAsync(GateCall call, CancellationToken cancel)
    {
        var tool = (await tools.FindAsync(call.Context.Principal.Tenancy, call.Tool, cancel))!;
        await using var execution = await executions.OpenAsync(call, tool.Descriptor, cancel);
        return await tool.ProbeAsync(call.Input, execution, cancel);
    }

    private static ValueTask<AegisError?> RecordAsync(ToolDescriptor tool, GateCall call, string? rule,
        ICallJournal journal) => tool.Effect == ToolEffect.Pure
        ? ValueTask.FromResult<AegisError?>(null)
        : journal.CalledAsync(call.Tool, tool.Effect, rule);

    private async ValueTask<ToolResult> ActAsync(Tool tool, GateCall call, GateExecution execution,
        CancellationToken cancel)
    {
        try
        {
            return call.Client is null ? await tool.InvokeAsync(call.Input, execution, cancel)
                : await tool.AnswerAsync(execution, cancel);
        }
        catch (OperationCanceledException)
        {
            return ToolResult.Fail(
                new AegisError("AEGIS2005", $"{call.Tool} was interrupted or ran out of time",
                Mend: "raise the step's timeout if it needs longer"));
        }
        catch (AegisException e)
        {
            return ToolResult.Fail(e.Error);
        }
    }
}
