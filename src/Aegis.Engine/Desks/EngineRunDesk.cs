using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Node;
using Aegis.Gate;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>Starts runs on this node and passes requests to the runs' own nodes.</summary>
public sealed class EngineRunDesk(EngineNode node) : RunDesk
{
    public const int ContextBytesMax = 64 * 1024;

    public override async ValueTask<RunId> StartAsync(Principal by, PlanId plan, RunRequest request,
        CancellationToken cancel)
    {
        if (request.Context is { } context && context.GetRawText().Length > ContextBytesMax)
        {
            throw new AegisException(ContextTooLarge(context));
        }
        return await new RunStart(node, by, plan, request).RunAsync(cancel);
    }

    internal static AegisError ContextTooLarge(System.Text.Json.JsonElement context) => new("AEGIS5023",
        "the run's context is too large", $"at most {ContextBytesMax} characters",
        $"{context.GetRawText().Length}");

    public override ValueTask<RunId> RetryAsync(Principal by, RunId run, RetryRequest request,
        CancellationToken cancel) => new RunRetry(node, by, run, request).RunAsync(cancel);

    public override async ValueTask CancelAsync(
        Principal by, RunId run, string? reason, CancellationToken cancel) =>
        await SubmitAsync(by, run, "cancel", new { reason }, cancel);

    public override async ValueTask ResolveAsync(Principal by, RunId run, string stepId, InDoubtAnswer answer,
        CancellationToken cancel) =>
        await SubmitAsync(by, run, "resolve",
            new { step = stepId, answer = answer.ToString().ToLowerInvariant() }, cancel);

    public override async ValueTask AnswerAsync(Principal by, RunId run, string stepId, bool granted,
        string? reason, string? queue, CancellationToken cancel) =>
        await SubmitAsync(by, run, "approval", new { step = stepId, granted, reason, queue }, cancel);

    public override async ValueTask PauseAsync(
        Principal by, RunId run, string? reason, CancellationToken cancel) =>
        await SubmitAsync(by, run, "pause", new { reason }, cancel);

    public override async ValueTask ResumeAsync(Principal by, RunId run, CancellationToken cancel) =>
        await SubmitAsync(by, run, "resume", new { }, cancel);

    public override void ProfileStored(TenancyKeys project, int version) =>
        node.ProfileStored(project, version);

    public override async ValueTask WaitForEventsAsync(RunId run, int version, CancellationToken cancel)
    {
        var pump = node.Live.All.FirstOrDefault(p => p.Head.StreamId == run.Value);
        if (pump is null)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), node.Parts.Time, cancel);
            return;
        }
        var grown = pump.Grown.Next();
        if (pump.CommittedVersion <= version && !pump.Committed.Ended)
        {
            await grown.WaitAsync(cancel);
        }
    }

    private async ValueTask SubmitAsync(
        Principal by, RunId run, string kind, object payload, CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var pump = node.Live.Find(by.Tenancy, run.Value);
        if (pump is null && await node.Streams.IsClosedAsync(keys, run.Value, cancel) is true)
        {
            throw new AegisException(new AegisError("AEGIS5024", $"run {run.Value} has ended"));
        }
        await node.Inbox.SubmitAsync(pump, keys, run.Value, kind, payload, by.Actor, cancel);
    }
}
