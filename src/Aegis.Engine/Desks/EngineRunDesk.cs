using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine;

/// <summary>Starts runs on this node and passes requests to the runs' own nodes.</summary>
public sealed class EngineRunDesk(EngineNode node) : RunDesk
{
    public const int ContextBytesMax = 64 * 1024;

    /// <summary>The code for a run whose chosen id is taken.</summary>
    public const string RunExists = "AEGIS5040";

    public override async ValueTask<RunId> StartAsync(Principal by, PlanId plan, RunRequest request,
        CancellationToken cancel)
    {
        if (request.Context is { } context && context.GetRawText().Length > ContextBytesMax)
        {
            throw new AegisException(new AegisError("AEGIS5023", "the run's context is too large",
                $"at most {ContextBytesMax} characters", $"{context.GetRawText().Length}"));
        }
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var repository = request.Repository is { } name
            ? await node.RepositoriesOrFail().ResolveAsync(by.Tenancy, name, request.Ref, cancel)
            : null;
        var graph = await node.Plans.GetAsync(by.Tenancy, keys, plan, repository is not null, cancel);
        var inputs = EnginePlanDesk.BoundOrFail(graph.Plan, request.Inputs);
        var id = await IdAsync(request, keys, cancel);
        var started = new RunStarted(id.Value, plan.Value, graph.Plan.Name, graph.Plan.WorkflowHash, by.Actor,
            [.. by.Scopes.Order(StringComparer.Ordinal)], inputs, Context(request.Context, repository, by),
                repository,
            await node.ProfileVersionAsync(keys, cancel));
        var head = new StreamHead(node.Streams.NewKey(), keys, by.Tenancy, id.Value);
        var done = new TaskCompletionSource<AppendOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        var pump = RunPump.Start(node.Context, head, started, graph, by, done.SetResult);
        node.Live.Add(pump);
        if (await done.Task is var outcome && outcome != AppendOutcome.Committed)
        {
            node.Live.Remove(pump);
            throw new AegisException(outcome == AppendOutcome.Conflict && request.Id is not null
                ? Exists(id)
                : PumpErrors.NotHere);
        }
        node.RunChanged();
        return id;
    }

    public override async ValueTask CancelAsync(
        Principal by, RunId run, string? reason, CancellationToken cancel) =>
        await SubmitAsync(by, run, "cancel", new { reason }, cancel);

    public override async ValueTask ResolveAsync(Principal by, RunId run, string stepId, InDoubtAnswer answer,
        CancellationToken cancel) =>
        await SubmitAsync(by, run, "resolve",
            new { step = stepId, answer = answer.ToString().ToLowerInvariant() }, cancel);

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

    /// <summary>A chosen id may stand for a run that an earlier try has started: AEGIS5040 then.</summary>
    private async ValueTask<RunId> IdAsync(
        RunRequest request, Ledger.Tenants.TenancyKeys keys, CancellationToken cancel)
    {
        if (request.Id is not { } chosen)
        {
            return new RunId(node.NewId("run_"));
        }
        return await node.Streams.FindAsync(keys, chosen.Value, cancel) is null
            ? chosen
            : throw new AegisException(Exists(chosen));
    }

    private static AegisError Exists(RunId id) => new(RunExists, $"there is a run {id} already");

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

    /// <summary>The trigger as expressions see it: what the caller gave, and branch, sha and actor where
    /// known.</summary>
    private static JsonElement Context(JsonElement? given, RepositoryRef? repository, Principal by)
    {
        var context = given is { ValueKind: JsonValueKind.Object } some
            ? JsonNode.Parse(some.GetRawText())!.AsObject()
            : [];
        Default(context, "actor", by.Actor);
        Default(context, "event", "manual");
        if (repository is not null)
        {
            Default(context, "branch", repository.Branch);
            Default(context, "sha", repository.Sha);
            Default(context, "repository", repository.Name);
        }
        return JsonSerializer.SerializeToElement(context);
    }

    private static void Default(JsonObject context, string name, string value)
    {
        if (!context.ContainsKey(name))
        {
            context[name] = value;
        }
    }
}
