using System.Text;
using System.Text.Json;
using Aegis.Client;
using Aegis.Durability.Judges;

namespace Aegis.Durability.Line;

/// <summary>A run of the line and those that its steps stand on, named by their steps.</summary>
internal sealed record LineLedger(
    IReadOnlyDictionary<string, (RunStream Run, IReadOnlyList<StoredEvent> Events)> Runs)
{
    public const string Top = "line";

    public static async Task<LineLedger> ReadAsync(LedgerReading ledger, string project)
    {
        var runs = new Dictionary<string, (RunStream, IReadOnlyList<StoredEvent>)>();
        foreach (var (run, above, step) in await ledger.RunsInAsync(project))
        {
            // a second run of a step would be a fault, and is shown as one
            var name = above is null ? Top : step!;
            while (runs.ContainsKey(name))
            {
                name += " again";
            }
            runs[name] = (run, await ledger.EventsOfAsync(run));
        }
        return new LineLedger(runs);
    }

    public IEnumerable<StoredEvent> All => Runs.Values.SelectMany(r => r.Events);

    public int Replies => All.Count(e => e.Type == "ModelReplied");

    public bool HasEnded => Runs.TryGetValue(Top, out var top)
        && top.Events[^1].Type is "PlanCompleted" or "RunFailed" or "RunCancelled";

    public JsonElement? Outputs => Runs[Top].Events[^1] is { Type: "PlanCompleted" } end
        ? JsonElement.Parse(Encoding.UTF8.GetString(end.Payload)).GetProperty("outputs") : null;
}

/// <summary>What a run of the line has left, without what differs from run to run: ids, times, hashes of
/// commits. Two that ended well are equal.</summary>
internal static class LineState
{
    private static readonly string[] Told =
        ["build_status", "spec_document", "current_plan", "pull_request", "tries"];

    public static async Task<EndState> ReadAsync(
        LineLedger ledger, RepositoryReading forge, AegisClient client)
    {
        var text = new StringBuilder();
        foreach (var (name, (_, events)) in ledger.Runs.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            AddRun(text, name, events);
        }
        var pushed = await forge.BranchAsync($"aegis/{ledger.Runs[LineLedger.Top].Run.Id}-line");
        text.AppendLine($"tree: {pushed?.Tree}, {pushed?.Commits} commits, "
            + $"{pushed?.Pulls.Count} pull requests");
        foreach (var vaccine in (await client.ListVaccinesAsync()).Items.Where(v => v.Scope == "project"))
        {
            text.AppendLine($"vaccine: {vaccine.Payload.ErrorPattern}, {vaccine.Hits} hits");
        }
        var artifacts = await client.ListArtifactsAsync();
        foreach (var artifact in artifacts.Items.OrderBy(a => a.Path, StringComparer.Ordinal))
        {
            text.AppendLine($"artifact: {artifact.Path.Split('/')[^1]}, version {artifact.Version}");
        }
        foreach (var deployed in (await client.ListDeploymentsAsync()).Items)
        {
            var whole = await client.GetDeploymentAsync(deployed.Name);
            text.AppendLine($"deployment: {whole.Name}, {whole.Status}, {whole.Versions?.Count} versions");
        }
        return new EndState(text.ToString());
    }

    /// <summary>What went wrong in it, for a person.</summary>
    public static string Failures(LineLedger ledger) => string.Join('\n', ledger.All
        .Where(e => e.Type is "TaskFailed" or "RunFailed" or "TaskInDoubt")
        .Select(e => $"{e.Type}: {Encoding.UTF8.GetString(e.Payload)}"));

    private static void AddRun(StringBuilder text, string name, IReadOnlyList<StoredEvent> events)
    {
        text.AppendLine($"{name}: {events[^1].Type}");
        foreach (var step in events.Where(e => e.Step is not null && e.Type is "TaskCompleted" or "TaskFailed"
            or "TaskSkipped" or "TaskCancelled" or "TaskInDoubt" or "ModelReplied" or "ApprovalRequested"
            or "AuditPassed" or "AuditFailed").GroupBy(e => e.Step!)
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"{name} {step.Key}: {string.Join(", ", step.Select(e => e.Type))}");
        }
        if (events[^1].Type == "PlanCompleted")
        {
            using var json = JsonDocument.Parse(events[^1].Payload);
            foreach (var told in Told)
            {
                if (json.RootElement.GetProperty("outputs").TryGetProperty(told, out var value))
                {
                    text.AppendLine($"{name} {told}: {value.GetRawText()}");
                }
            }
        }
    }
}
