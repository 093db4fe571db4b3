using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Client;
using Aegis.Core.Evals;
using Aegis.Core.Plans.Shipped;

namespace Aegis.Cli.Evals;

/// <summary>Each case as a run of the workflow <c>eval</c>, some at once.</summary>
internal sealed class EvalRuns(AegisClient client, string agent, int jobs, Action<CaseResult> ended)
{
    public const int JobsMax = 16;

    private static readonly ShippedWorkflow Workflow = ShippedWorkflows.Find("eval")!;

    /// <summary>The results in the cases' order.</summary>
    public async Task<ImmutableArray<CaseResult>> RunAsync(
        ImmutableArray<EvalCase> cases, CancellationToken cancel)
    {
        var results = new CaseResult[cases.Length];
        var plan = (await client.CreatePlanAsync(
            new CreatePlan { Workflow = Workflow.Text, FileName = Workflow.FileName }, cancel)).PlanId;
        await Parallel.ForEachAsync(Enumerable.Range(0, cases.Length), new ParallelOptions
        {
            MaxDegreeOfParallelism = jobs,
            CancellationToken = cancel,
        }, async (i, stop) =>
        {
            results[i] = await CaseAsync(plan, cases[i], stop);
            ended(results[i]);
        });
        return [.. results];
    }

    private async Task<CaseResult> CaseAsync(string plan, EvalCase judged, CancellationToken cancel)
    {
        var run = (await client.RunPlanAsync(plan, new StartRun { Inputs = Inputs(judged) }, cancel)).RunId;
        var used = new CaseTally();
        await foreach (var fact in client.FollowEventsAsync(run, 0, cancel))
        {
            used.Add(fact);
            if (fact.Type is "PlanCompleted" or "RunFailed" or "RunCancelled")
            {
                return Read(judged, run, fact, used);
            }
        }
        throw new CliException(ExitCode.ServerError, "AEGIS7000", $"the run {run} has no end",
            $"look at it: aegis runs show {run}");
    }

    private JsonElement Inputs(EvalCase judged)
    {
        var inputs = new Dictionary<string, object>
        {
            ["case"] = judged.Id,
            ["sentence"] = judged.Sentence,
            ["files"] = judged.Files.Select(Shown),
            ["tests"] = judged.Tests.Select(Shown),
            ["args"] = judged.Args,
            ["agent"] = agent,
        };
        if (judged.Framework is { } framework)
        {
            inputs["framework"] = framework;
        }
        return JsonSerializer.SerializeToElement(inputs);
    }

    private static object Shown(EvalFile file) => new { path = file.Path, content = file.Content };

    private static CaseResult Read(EvalCase judged, string run, RunEvent end, CaseTally used)
    {
        var outputs = Member(end.Payload ?? default, "outputs");
        var pass = Is(outputs, "pass_2");
        return new CaseResult(judged.Id, judged.Hash, Is(outputs, "pass_1"), pass, used.Turns, used.Tokens,
            used.CostUsd, Math.Round(used.Took.TotalSeconds, 3), used.Model, used.Origin, pass ? null
                : Text(outputs, "error_2") ?? Text(outputs, "error_1")
                    ?? Text(end.Payload ?? default, "reason") ?? end.Type, run);
    }

    private static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    private static bool Is(JsonElement of, string name) =>
        Member(of, name).ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.String } text
            && text.GetString() is { Length: > 0 } said ? said : null;
}
