using System.Collections.Immutable;
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

    private readonly RunCommit commit = new(node, by);

    public async ValueTask<RunId> RunAsync(CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        if (request is { MayBeThere: true, Id: { } chosen }
            && await commit.IsThereAsync(keys, chosen, cancel))
        {
            return chosen;
        }
        var repository = request.At ?? (request.Repository is { } name
            ? await node.RepositoriesOrFail().ResolveAsync(
                by.Tenancy, name, request.Ref, ContextBranch(), cancel)
            : null);
        var graph = await node.Plans.GetAsync(by.Tenancy, keys, plan, repository is not null, cancel);
        var context = Context(repository);
        CheckChild(graph.Plan);
        var inputs = EnginePlanDesk.BoundOrFail(graph.Plan, Inputs(graph.Plan, context));
        var sight = new StartExpressionContext(inputs, context);
        var profile = await node.ProfileVersionAsync(keys, cancel);
        await CheckCostAsync(graph.Plan, profile, cancel);
        var terms = await RunTerms.OfAsync(node, by.Tenancy, graph.Plan, profile, cancel);
        var started = terms.Of(new RunStarted("", plan.Value, graph.Plan.Name, graph.Plan.WorkflowHash,
            by.Actor, [.. by.Scopes.Order(StringComparer.Ordinal)], inputs, context, repository, null,
            request.Freeze, Rendered(graph.Plan.Concurrency?.Group, sight), Parent: request.Parent));
        if (started.ConcurrencyGroup is { } group && request.GroupsAbove.Contains(group))
        {
            throw new AegisException(new AegisError("AEGIS5056",
                $"{graph.Plan.Name} is in the concurrency group {group} of a run above it", null, null,
                "it would wait for the run that waits for it; give it another group"));
        }
        // a run that another one stands on is that one's, whatever came before
        var wanted = request.Parent is null
            ? request.DedupeKey ?? Rendered(graph.Plan.DedupeKey, sight)
            : null;
        if (wanted is not { } key)
        {
            return await StartAsync(keys, started, graph, request.Id ?? NewId(), cancel);
        }
        // between taking the key and the commit nobody else may come with the same one
        await node.KeyedStarts.WaitAsync(cancel);
        try
        {
            var id = new RunId(
                await node.RunKeys.TakeAsync(keys, key, (request.Id ?? NewId()).Value, cancel));
            return await commit.IsThereAsync(keys, id, cancel) ? id
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
        if (request.Id is not null && await commit.IsThereAsync(keys, id, cancel))
        {
            throw new AegisException(RunCommit.Exists(id));
        }
        ImmutableArray<TaskReused> reused = request.Over is { } frozen
            ? [await frozen.LinkAsync(node, by, id, cancel)]
            : [];
        await commit.MakeAsync(keys, started with { RunId = id.Value }, graph, reused);
        return id;
    }

    private JsonElement? Inputs(Plan plan, JsonElement context)
    {
        if (request.Offered is { } offered)
        {
            return JsonSerializer.SerializeToElement(new JsonObject(plan.Inputs
                .Where(i => offered.ContainsKey(i.Name))
                .Select(i => KeyValuePair.Create(i.Name, (JsonNode?)offered[i.Name]))));
        }
        if (request.InputTemplates is not { } templates)
        {
            return request.Inputs;
        }
        var rendered = Template.Render(templates, new StartExpressionContext(null, context));
        return rendered.Error is { } error ? throw new AegisException(error) : rendered.Value;
    }

    /// <summary>Text that an outsider may have chosen, handed down by the step above, must not become shell
    /// text here: the compiler saw each of the two files alone.</summary>
    private void CheckChild(Plan child)
    {
        if (request.Parent?.Untrusted is { } untrusted
            && UntrustedInputs.ReachingShell(child, untrusted) is { } reached)
        {
            throw new AegisException(new AegisError("AEGIS5058",
                $"step {request.Parent.StepId} gives {child.Name} text that an outsider or a model may have "
                + $"written as input {reached.Input}, and step {reached.Step} there makes it shell text",
                null, null, "let the step there pass it by env and read the variable"));
        }
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

    internal static string? Rendered(string? template, ExpressionContext sight)
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

    private string? ContextBranch() =>
        request.Context is { ValueKind: JsonValueKind.Object } context
            && context.TryGetProperty("branch", out var branch) && branch.ValueKind == JsonValueKind.String
            ? branch.GetString()
            : null;

    private static void Default(JsonObject context, string name, string value)
    {
        if (!context.ContainsKey(name))
        {
            context[name] = value;
        }
    }
}
