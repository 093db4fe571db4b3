using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Review;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>
/// One start of a run: 1. what it is made of is checked; 2. its key, where it has one, says whether there is
/// such a run already; 3. it takes its place in its concurrency group; 4. its first fact is committed.
/// </summary>
internal sealed class RunStart(EngineNode node, Principal by, PlanId plan, RunRequest request)
{
    /// <summary>The code for a run whose chosen id is taken.</summary>
    public const string RunExists = "AEGIS5040";

    public async ValueTask<RunId> RunAsync(CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var repository = request.Repository is { } name
            ? await node.RepositoriesOrFail().ResolveAsync(by.Tenancy, name, request.Ref, cancel)
            : null;
        var graph = await node.Plans.GetAsync(by.Tenancy, keys, plan, repository is not null, cancel);
        var inputs = EnginePlanDesk.BoundOrFail(graph.Plan, request.Inputs);
        var context = Context(repository);
        var sight = new StartExpressionContext(inputs, context);
        var profile = await node.ProfileVersionAsync(keys, cancel);
        await CheckCostAsync(graph.Plan, profile, cancel);
        var started = new RunStarted("", plan.Value, graph.Plan.Name, graph.Plan.WorkflowHash, by.Actor,
            [.. by.Scopes.Order(StringComparer.Ordinal)], inputs, context, repository,
            profile, request.Freeze,
            Rendered(graph.Plan.Concurrency?.Group, sight));
        if ((request.DedupeKey ?? Rendered(graph.Plan.DedupeKey, sight)) is not { } key)
        {
            return await StartAsync(keys, started, graph, request.Id ?? NewId(), cancel);
        }
        // between taking the key and the commit nobody else may come with the same one
        await node.KeyedStarts.WaitAsync(cancel);
        try
        {
            var id = new RunId(
                await node.RunKeys.TakeAsync(keys, key, (request.Id ?? NewId()).Value, cancel));
            return await IsThereAsync(keys, id, cancel) ? id
                : await StartAsync(keys, started, graph, id, cancel);
        }
        finally
        {
            node.KeyedStarts.Release();
        }
    }

    private async ValueTask<RunId> StartAsync(TenancyKeys keys, RunStarted started, PlanGraph graph, RunId id,
        CancellationToken cancel)
    {
        if (request.Id is not null && await IsThereAsync(keys, id, cancel))
        {
            throw new AegisException(Exists(id));
        }
        await CommitAsync(keys, Placed(started with { RunId = id.Value }, graph.Plan), graph);
        return id;
    }

    /// <summary>Under a cap on cost every model must have a known price: a run that could not keep its cap
    /// does not begin.</summary>
    private async ValueTask CheckCostAsync(Plan plan, int? profile, CancellationToken cancel)
    {
        if (plan.Policy.MaxCostUsd is null || node.Parts.Models is not { } models
            || !plan.Tasks.Any(t => ToolFacts.BuiltIn.Find(t.Tool)?.CallsModel == true))
        {
            return;
        }
        var cost = PlanCost.Of(plan, ToolFacts.BuiltIn, await models(by.Tenancy, profile, cancel));
        if (cost.Errors is [var first, ..])
        {
            throw new AegisException(cost.Errors.Length == 1 ? first.Error : first.Error with
            {
                Message = string.Join("; ", cost.Errors.Select(e => e.Error.Message)),
            });
        }
    }

    private RunId NewId() => new(node.NewId("run_"));

    private async ValueTask<bool> IsThereAsync(TenancyKeys keys, RunId id, CancellationToken cancel) =>
        node.Live.Find(by.Tenancy, id.Value) is not null
        || await node.Streams.FindAsync(keys, id.Value, cancel) is not null;

    /// <summary>Behind the runs of its group, which it may cancel; of those that wait, only the newest
    /// stays.</summary>
    private RunStarted Placed(RunStarted started, Plan plan)
    {
        if (started.ConcurrencyGroup is not { } group)
        {
            return started;
        }
        var before = node.Live.Join(by.Tenancy, group, started.RunId);
        foreach (var older in before.Skip(plan.Concurrency!.CancelInProgress ? 0 : 1))
        {
            node.Live.Find(by.Tenancy, older)?.Post(new CancelRun(node.Parts.Time.GetUtcNow(), by.Actor,
                $"{started.RunId} of the same concurrency group came after it"));
        }
        return started with { Queued = before.Count > 0 };
    }

    private async ValueTask CommitAsync(TenancyKeys keys, RunStarted started, PlanGraph graph)
    {
        var head = new StreamHead(node.Streams.NewKey(), keys, by.Tenancy, started.RunId);
        var done = new TaskCompletionSource<AppendOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        var pump = RunPump.Start(node.Context, head, started, graph, by, done.SetResult);
        node.Live.Add(pump);
        if (await done.Task is var outcome && outcome != AppendOutcome.Committed)
        {
            node.Live.Remove(pump);
            node.Live.Leave(pump);
            throw new AegisException(outcome == AppendOutcome.Conflict
                ? Exists(new RunId(started.RunId))
                : PumpErrors.NotHere);
        }
        node.RunChanged();
    }

    private static string? Rendered(string? template, ExpressionContext sight)
    {
        if (template is null)
        {
            return null;
        }
        var text = Template.RenderText(template, sight);
        return text.Error is { } error ? throw new AegisException(error) : text.Value;
    }

    /// <summary>The trigger as expressions see it: what the caller gave, and branch, sha and actor where
    /// known.</summary>
    private JsonElement Context(RepositoryRef? repository)
    {
        var context = request.Context is { ValueKind: JsonValueKind.Object } some
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

    private static AegisError Exists(RunId id) => new(RunExists, $"there is a run {id} already");

    private static void Default(JsonObject context, string name, string value)
    {
        if (!context.ContainsKey(name))
        {
            context[name] = value;
        }
    }
}
