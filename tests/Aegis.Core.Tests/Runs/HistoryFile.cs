using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>A recorded run: its workflow, its facts as they were hashed, and the state that they came to.
/// Made once with AEGIS_RECORD_HISTORIES=FOLDER and kept for ever: later code must read it the
/// same.</summary>
internal sealed record HistoryFile(string Workflow, JsonArray Facts, string State)
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static HistoryFile Of(string workflow, Simulation run) => new(workflow,
        [.. run.Facts.Select(f => (JsonNode)new JsonObject
        {
            ["type"] = f.Fact.GetType().Name,
            ["at"] = f.At.ToString("O"),
            ["payload"] = JsonNode.Parse(RunEventCodec.Encode(f.Fact)),
        })], StateText(run.State));

    public static HistoryFile Read(string name) => JsonSerializer.Deserialize<HistoryFile>(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Runs/Histories", name + ".json")))!;

    public void Write(string folder, string name) =>
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(this, Written)
            + "\n");

    /// <summary>The state that today's code folds the recorded facts to.</summary>
    public string Folded()
    {
        var plan = WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(Workflow), "history.yaml").Plan!;
        RunState? state = null;
        foreach (var fact in Facts)
        {
            var read = RunEventCodec.Decode(fact!["type"]!.GetValue<string>(),
                Encoding.UTF8.GetBytes(fact["payload"]!.ToJsonString()));
            var at = DateTimeOffset.Parse(fact["at"]!.GetValue<string>(), null);
            state = read is RunStarted started
                ? RunFold.Start(started, new PlanGraph(plan), at)
                : RunFold.Evolve(state!, read, at);
        }
        return StateText(state!);
    }

    private static string StateText(RunState run)
    {
        var text = new StringBuilder();
        text.Append($"{TaskStatusText.Of(run)} {run.StopReason ?? "-"} {run.CostUsd} ");
        text.Append($"{run.Outputs?.GetRawText() ?? "-"} {run.EndedAt:O}\n");
        foreach (var task in run.Plan.Tasks)
        {
            var state = run.Tasks[task.Index];
            text.Append($"{task.StepId} {TaskStatusText.Of(state.Status)} attempt {state.Attempt} ");
            text.Append($"tries {state.Tries} {state.Output ?? "-"} {state.Outputs?.GetRawText() ?? "-"} ");
            text.Append($"{state.Error?.Code ?? "-"} {state.Layer ?? "-"}\n");
        }
        // histories that are older than these have none of them
        foreach (var (key, totals) in run.Models.Totals.OrderBy(t => t.Key.Digest(), StringComparer.Ordinal))
        {
            text.Append($"{key} {totals}\n");
        }
        foreach (var judged in run.Judgements)
        {
            text.Append($"{judged}\n");
        }
        return text.ToString();
    }
}
