using Aegis.Client;

namespace Aegis.Bench.Agents;

/// <summary>Where the time of turns goes, in milliseconds, from the facts of their runs.</summary>
internal sealed class TurnTimes
{
    /// <summary>From the end of the turn before to a turn's own.</summary>
    public List<double> Whole { get; } = [];

    /// <summary>From there to its start.</summary>
    public List<double> Begin { get; } = [];

    /// <summary>From its start to the model's reply, as a fact.</summary>
    public List<double> Ask { get; } = [];

    /// <summary>From there to the end of its calls.</summary>
    public List<double> Calls { get; } = [];

    /// <summary>From there to its end: its files are sealed.</summary>
    public List<double> Close { get; } = [];

    /// <summary>What the tools took by their own record.</summary>
    public List<double> Tool { get; } = [];

    /// <summary>The first turn is left out, as the run's own start is in it, and so is the last, which calls
    /// nothing.</summary>
    public void Read(List<RunEvent> facts)
    {
        DateTimeOffset? before = null, start = null, reply = null, called = null;
        foreach (var fact in facts)
        {
            var step = fact.Payload is { } payload && payload.TryGetProperty("step_id", out var id)
                ? id.GetString()! : "";
            if (!step.StartsWith("work.", StringComparison.Ordinal))
            {
                continue;
            }
            switch (fact.Type)
            {
                case "TaskStarted":
                    start = fact.At;
                    break;
                case "ModelReplied":
                    reply = fact.At;
                    break;
                case "ToolReturned" when fact.Payload!.Value.TryGetProperty("within", out _):
                    called = fact.At;
                    Tool.Add(fact.Payload.Value.GetProperty("duration_us").GetDouble() / 1000);
                    break;
                case "TaskCompleted":
                    if (before is { } ended && called is { } last)
                    {
                        Whole.Add((fact.At - ended).TotalMilliseconds);
                        Begin.Add((start!.Value - ended).TotalMilliseconds);
                        Ask.Add((reply!.Value - start.Value).TotalMilliseconds);
                        Calls.Add((last - reply.Value).TotalMilliseconds);
                        Close.Add((fact.At - last).TotalMilliseconds);
                    }
                    (before, called) = (fact.At, null);
                    break;
            }
        }
    }
}
