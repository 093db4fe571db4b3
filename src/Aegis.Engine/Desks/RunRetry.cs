using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;
using Aegis.Engine.Node;
using Aegis.Gate;

namespace Aegis.Engine;

/// <summary>
/// One retry: 1. the run is read, wherever it stands; 2. the edits are laid over what it was started with;
/// 3. the core says which results hold; 4. their files are linked into the new run's workspace; 5. the new
/// run's first facts say all of it. The run before is never written to.
/// </summary>
internal sealed class RunRetry(EngineNode node, Principal by, RunId run, RetryRequest request)
{
    public async ValueTask<RunId> RunAsync(CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        if (request.Id is { } chosen && await new RunCommit(node, by).IsThereAsync(keys, chosen, cancel))
        {
            return chosen;
        }
        var before = node.Live.Find(by.Tenancy, run.Value)?.Committed
            ?? (await node.History.FindAsync(by.Tenancy, keys, run.Value, cancel))?.State
            ?? throw new AegisException(
                new AegisError("AEGIS5020", $"there is no run {run} in this project"));
        if (!before.Ended && !before.Plan.Tasks.Any(t => before.Tasks[t.Index].Status
            is TaskStatus.Frozen or TaskStatus.InDoubt))
        {
            throw new AegisException(new AegisError("AEGIS5063", $"run {run} goes on",
                "a run that has ended, or one that waits for an answer", TaskStatusText.Of(before),
                "wait for its end, or cancel it"));
        }
        if (StepOverrides.Check(request.With) is { } wrong)
        {
            throw new AegisException(wrong);
        }
        var id = request.Id ?? new RunId(node.NewId("run_"));
        var graph = await node.Plans.GetAsync(by.Tenancy, keys, new PlanId(before.Start.PlanId),
            before.Start.Repository is not null, cancel);
        var terms = await RunTerms.OfAsync(node, by.Tenancy, graph.Plan,
            await node.ProfileVersionAsync(keys, cancel), cancel);
        var started = terms.Of(Started(before, graph, id));
        CheckTools(graph, started);
        var result = RetryPlan.Make(before, started, request.From);
        if (result.Error is { } refusal)
        {
            throw new AegisException(refusal);
        }
        await LinkAsync(id, [.. result.Reused.SelectMany(r => r.Layers ?? []).Distinct()], cancel);
        await new RunCommit(node, by).MakeAsync(keys, started, graph, result.Reused);
        return id;
    }

    private RunStarted Started(RunState before, PlanGraph graph, RunId id)
    {
        var inputs = EnginePlanDesk.BoundOrFail(graph.Plan, Merged(before.Start.Inputs, request.Inputs,
            dropsNull: true));
        var context = Merged(before.Start.Context, request.Context, dropsNull: false);
        if (context?.GetRawText().Length > EngineRunDesk.ContextBytesMax)
        {
            throw new AegisException(EngineRunDesk.ContextTooLarge(context.Value));
        }
        return before.Start with
        {
            RunId = id.Value,
            Actor = by.Actor,
            Scopes = [.. by.Scopes.Order(StringComparer.Ordinal)],
            Inputs = inputs,
            Context = context,
            ConcurrencyGroup = RunStart.Rendered(graph.Plan.Concurrency?.Group,
                new StartExpressionContext(inputs, context)),
            Queued = false,
            Parent = null,
            RetryOf = before.Start.RunId,
            // a retry of a retry keeps what was edited before
            With = MergedSteps(before.Start.With),
            Reason = request.Reason,
        };
    }

    /// <summary>Edited inputs of steps are checked by their tools at once where they can be.</summary>
    private void CheckTools(PlanGraph graph, RunStarted started)
    {
        var edited = RunFold.Start(started, graph, default);
        foreach (var step in StepOverrides.StepsOf(request.With))
        {
            if (edited.Graph.IndexOf(step) is { } index
                && edited.Plan.Tasks[index] is { WithIsConstant: true } task
                && node.Parts.Tools.Find(task.Tool)?.Check(task.With) is { } error)
            {
                throw new AegisException(error);
            }
        }
    }

    private async ValueTask LinkAsync(RunId id, ImmutableArray<string> layers, CancellationToken cancel)
    {
        if (layers.IsEmpty)
        {
            return;
        }
        if (node.Parts.Workspaces is not { } workspaces
            || !await workspaces.LinkAsync(run.Value, id.Value, layers, cancel))
        {
            throw new AegisException(new AegisError("AEGIS5064",
                $"the files that steps of run {run} left are gone from this node",
                $"a run that did not succeed, among the newest {KeptWorkspaces.RunsMax} and at most "
                + $"{KeptWorkspaces.KeptFor.TotalDays:0} days old", null, "start a new run"));
        }
    }

    private JsonElement? MergedSteps(JsonElement? before)
    {
        if (before is not { } old || request.With is not { } more)
        {
            return request.With ?? before;
        }
        var steps = JsonNode.Parse(old.GetRawText())!.AsObject();
        foreach (var step in more.EnumerateObject())
        {
            var had = steps[step.Name] is { } members ? JsonSerializer.SerializeToElement(members)
                : (JsonElement?)null;
            steps[step.Name] = JsonNode.Parse(Merged(had, step.Value, dropsNull: false)!.Value.GetRawText());
        }
        return JsonSerializer.SerializeToElement(steps);
    }

    /// <summary>The members of one object over those of another.</summary>
    private static JsonElement? Merged(JsonElement? old, JsonElement? edits, bool dropsNull)
    {
        if (edits is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw new AegisException(new AegisError("AEGIS5062", "an edit is no object", "an object",
                edits.Value.ValueKind.ToString().ToLowerInvariant()));
        }
        var merged = new JsonObject();
        foreach (var from in new[] { old, edits })
        {
            foreach (var member in from is { ValueKind: JsonValueKind.Object } some ? some.EnumerateObject()
                : default)
            {
                var had = merged.FirstOrDefault(
                    m => string.Equals(m.Key, member.Name, StringComparison.OrdinalIgnoreCase)).Key;
                if (had is not null)
                {
                    merged.Remove(had);
                }
                if (!dropsNull || member.Value.ValueKind != JsonValueKind.Null)
                {
                    merged[member.Name] = JsonNode.Parse(member.Value.GetRawText());
                }
            }
        }
        return old is null && edits is null ? null : JsonSerializer.SerializeToElement(merged);
    }
}
