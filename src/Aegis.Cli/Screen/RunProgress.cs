using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>Where each task of a watched run stands, folded from its events as they come.</summary>
internal sealed class RunProgress
{
    private readonly Dictionary<string, TaskLine> byStep = [];
    private readonly List<TaskLine> lines = [];
    private readonly Dictionary<string, int> counts = [];

    public RunProgress(RunDetail run)
    {
        RunId = run.RunId;
        Name = run.Name;
        StartedAt = run.CreatedAt;
        foreach (var task in run.Tasks)
        {
            Add(new TaskLine(task.StepId, task.Tool, task.Needs));
        }
    }

    public string RunId { get; }

    public string Name { get; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>running, succeeded, failed or cancelled.</summary>
    public string Status { get; private set; } = "running";

    public string? Reason { get; private set; }

    /// <summary>Of a run that succeeded and has some.</summary>
    public JsonElement? Outputs { get; private set; }

    public IReadOnlyList<TaskLine> Lines => lines;

    public int Done => CountOf("succeeded") + CountOf("failed") + CountOf("skipped") + CountOf("cancelled");

    /// <summary>Tasks in this state. Kept as facts come: counting 10,000 lines at each fact of a run took
    /// longer than the run.</summary>
    public int CountOf(string status) => counts.GetValueOrDefault(status);

    public int Exit => Status switch
    {
        "succeeded" => ExitCode.Ok,
        "cancelled" => ExitCode.Cancelled,
        _ => ExitCode.Failed,
    };

    /// <summary>Takes a fact in and returns the task that it is about, if any.</summary>
    public TaskLine? Apply(RunEvent fact)
    {
        switch (fact.Type)
        {
            case "RunStarted":
                StartedAt = fact.At;
                return null;
            case "PlanCompleted":
                Outputs = fact.Payload is { ValueKind: JsonValueKind.Object } end
                    && end.TryGetProperty("outputs", out var outputs)
                    && outputs.ValueKind == JsonValueKind.Object ? outputs : null;
                return End("succeeded", fact);
            case "RunFailed":
                return End("failed", fact);
            case "RunCancelled":
                return End("cancelled", fact);
        }
        if (Text(fact.Payload, "step_id") is not { } step)
        {
            return null;
        }
        var line = byStep.GetValueOrDefault(step) ?? Add(new TaskLine(step, "", []));
        counts[line.Status]--;
        line.Apply(fact);
        counts[line.Status] = CountOf(line.Status) + 1;
        return line;
    }

    internal static string? Text(JsonElement? payload, string name) =>
        payload is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private TaskLine? End(string status, RunEvent fact)
    {
        Status = status;
        EndedAt = fact.At;
        Reason = Text(fact.Payload, "reason");
        return null;
    }

    private TaskLine Add(TaskLine line)
    {
        lines.Add(line);
        byStep[line.StepId] = line;
        counts[line.Status] = CountOf(line.Status) + 1;
        return line;
    }
}
