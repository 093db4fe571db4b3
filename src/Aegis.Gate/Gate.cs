using System.Diagnostics;
using Aegis.Core.Errors;
using Aegis.Gate.Admission;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate;

/// <summary>Law 1: nothing touches a shell, file, repository, network, model or secret except through here.
/// 1. decide; 2. make the call a fact (pure calls need none before the act); 3. act inside an Execution,
/// which redacts all that comes out; 4. hand the outcome back, to be recorded in one append with what
/// follows.</summary>
public sealed class Gate(ToolCatalogue tools, ExecutionFactory executions, ILogger<Gate> log)
{
    public ILogger Log { get; } = log;

    public async ValueTask<CallOutcome> InvokeAsync(
        GateCall call, ICallJournal journal, CancellationToken cancel)
    {
        var tool = tools.Find(call.Tool);
        var admission = AdmissionOrder.Decide(tool, new CallOrder(call.Tool, call.Input,
            call.Context.Principal, call.Context.Policy, call.Context.GrantedRule));
        if (admission.Denial is { } denial)
        {
            return new CallOutcome(ToolResult.Fail(denial), true, TimeSpan.Zero,
                AsksRule: admission.Asks ? admission.Rule : null);
        }
#if !AEGIS_SABOTAGE_CALL_FIRST
        if (await RecordAsync(tool!.Descriptor, call, admission.Rule, journal) is { } refused)
        {
            return new CallOutcome(ToolResult.Fail(refused), true, TimeSpan.Zero);
        }
#endif
        var since = Stopwatch.GetTimestamp();
        await using var execution = await executions.OpenAsync(call, tool!.Descriptor, cancel);
        var result = await ActAsync(tool, call, execution, cancel);
#if AEGIS_SABOTAGE_CALL_FIRST
        // never in the product: acts before the act is a fact, which tests/Aegis.Durability must find out
        await RecordAsync(tool.Descriptor, call, admission.Rule, journal);
#endif
        var outcome = await execution.CloseAsync(result);
        return outcome with { Duration = Stopwatch.GetElapsedTime(since) };
    }

    /// <summary>Asks whether an interrupted call took effect. The call was admitted when it began.</summary>
    public async ValueTask<ProbeResult> ProbeAsync(GateCall call, CancellationToken cancel)
    {
        var tool = tools.Find(call.Tool)!;
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
            return await tool.InvokeAsync(call.Input, execution, cancel);
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
