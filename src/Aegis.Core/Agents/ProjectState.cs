using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Agents;

/// <summary>How a project that agents build stands: document 0's record, by its names.</summary>
/// <param name="Messages">Who said what, the newest of them, the oldest first.</param>
/// <param name="SpecDocument">What the visionary ended with.</param>
/// <param name="CurrentPlan">The tasks that the architect ended with last.</param>
/// <param name="CodeDiffs">Addresses of the pull requests.</param>
/// <param name="SecurityVaccines">What the newest search was told, and ids of what was minted beside
/// it.</param>
/// <param name="RetryCount">How often a task's agent had to begin anew.</param>
/// <param name="BuildStatus">clean, vulnerable or broken; null before the first audit.</param>
public sealed record ProjectState(ImmutableArray<ProjectMessage> Messages, JsonElement? SpecDocument,
    JsonElement? CurrentPlan, ImmutableArray<string> CodeDiffs, ImmutableArray<string> SecurityVaccines,
    int RetryCount, string? BuildStatus);

/// <param name="Text">Cut where it is long.</param>
/// <param name="Calls">The tools that it asked for, as it wrote them.</param>
public sealed record ProjectMessage(DateTimeOffset At, string RunId, string StepId, string Agent, int Turn,
    string Text, ImmutableArray<string> Calls);

/// <summary>Folds the state from the facts of a run and of those that its steps stand on.</summary>
public sealed class ProjectStateFold(string topRun)
{
    public const int MessagesMax = 200;

    /// <summary>Characters of a message's text.</summary>
    public const int MessageCharsMax = 2_000;

    private const int CallsMax = 16;

    private readonly List<ProjectMessage> messages = [];
    private readonly Dictionary<(string Run, string Step), string> tools = [];
    private readonly Dictionary<string, string> agents = [];
    private readonly HashSet<(string Run, string Loop)> loops = [];
    private readonly List<string> diffs = [];
    private readonly SortedSet<string> minted = new(StringComparer.Ordinal);
    private JsonElement? spec;
    private JsonElement? plan;
    private (DateTimeOffset At, ImmutableArray<string> Told, ImmutableArray<string> Ids) known =
        (default, [], []);
    private (DateTimeOffset At, bool Top, string Status)? audited;

    /// <summary>The facts of one run come in their order; runs in any.</summary>
    public void Take(string run, DateTimeOffset at, RunEvent fact)
    {
        switch (fact)
        {
            case RunStarted { Inputs: { } inputs } when Under(inputs, "task") is { } task
                && Text(task, "agent") is { } agent:
                agents[run] = agent;
                break;
            case TaskStarted e:
                tools[(run, e.StepId)] = e.Tool;
                break;
            case ModelReplied e:
                Say(run, at, e);
                break;
            case TaskCompleted { Outputs: { } outputs } e:
                Complete(run, at, tools.GetValueOrDefault((run, e.StepId)), outputs);
                break;
            case AuditPassed e:
                Audited(run, at, e.Audit.BuildStatus);
                break;
            case AuditFailed e:
                Audited(run, at, e.Audit.BuildStatus);
                break;
            default:
                break;
        }
    }

    public ProjectState State() => new(
        [.. messages.OrderBy(m => m.At).TakeLast(MessagesMax)], spec, plan, [.. diffs],
        [.. known.Told, .. minted.Except(known.Ids)],
        loops.GroupBy(l => l.Run).Sum(run => run.Count() - 1), audited?.Status);

    private void Say(string run, DateTimeOffset at, ModelReplied e)
    {
        if (agents.TryGetValue(run, out var own) && own == e.Agent)
        {
            loops.Add((run, e.StepId[..Math.Max(0, e.StepId.LastIndexOf('.'))]));
        }
        // a reply that is in a blob is told by its length alone
        var text = e.Reply is { } reply ? Text(reply, "text") ?? "" : $"({e.Bytes} bytes)";
        messages.Add(new ProjectMessage(at, run, e.StepId, e.Agent, e.Turn,
            text.Length <= MessageCharsMax ? text : text[..MessageCharsMax],
            [.. Items(e.Reply, "calls").Take(CallsMax).Select(c => Text(c, "name") ?? "")]));
        if (messages.Count > MessagesMax * 2)
        {
            messages.Sort((a, b) => a.At.CompareTo(b.At));
            messages.RemoveRange(0, messages.Count - MessagesMax);
        }
    }

    private void Complete(string run, DateTimeOffset at, string? tool, JsonElement outputs)
    {
        switch (tool)
        {
            case "vaccine.search" when at >= known.At:
                known = (at, Texts(outputs, "security_vaccines"), Texts(outputs, "vaccine_ids"));
                break;
            case "vaccine.mint" when Text(outputs, "vaccine_id") is { } id:
                minted.Add(id);
                break;
            case "repo.pr.create" when Text(outputs, "url") is { } url:
                diffs.Add(url);
                break;
            default:
                Reply(run, outputs);
                break;
        }
    }

    // the end of a loop has the agent's name and its reply
    private void Reply(string run, JsonElement outputs)
    {
        if (run == topRun && Under(outputs, "reply") is { } reply)
        {
            spec = Text(outputs, "agent") == "visionary" ? reply : spec;
            plan = Text(outputs, "agent") == "architect" ? Under(reply, "tasks") ?? plan : plan;
        }
    }

    /// <summary>The whole's audit counts more than a task's; of one kind the newest.</summary>
    private void Audited(string run, DateTimeOffset at, string status)
    {
        var top = run == topRun;
        if (audited is not { } before || (top && !before.Top) || (top == before.Top && at >= before.At))
        {
            audited = (at, top, status);
        }
    }

    private static JsonElement? Under(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
            && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement json, string name) =>
        Under(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static ImmutableArray<string> Texts(JsonElement json, string name) =>
        [.. Items(json, name).Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)];

    private static IEnumerable<JsonElement> Items(JsonElement? json, string name) =>
        json is { } some && Under(some, name) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray() : [];
}
