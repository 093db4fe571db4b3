using System.Text.Json;
using Aegis.Gate;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Chat;

/// <summary>What goes on in the project, as far as a key may see it.</summary>
internal sealed class ChatState(DoorParts parts, ChatAnswers answers)
{
    /// <summary>Runs and approvals that are shown.</summary>
    public const int ShownMax = 10;

    private const int CapabilitiesMax = 50;
    private static readonly string[] Live = ["running", "queued", "paused", "stopping"];

    /// <summary>Null where the key may see no runs.</summary>
    public async ValueTask<ChatOutlook?> LookAsync(
        Principal by, TenancyKeys keys, string? runId, CancellationToken cancel)
    {
        if (!by.Holds(Scopes.RunsRead))
        {
            return null;
        }
        var live = new List<RunListing>();
        foreach (var status in Live)
        {
            live.AddRange(await parts.Runs.RunsAsync(
                keys, new RunFilter(status), null, ShownMax - live.Count, cancel));
            if (live.Count >= ShownMax)
            {
                break;
            }
        }
        IReadOnlyList<ApprovalListing> waiting = by.Holds(Scopes.ApprovalsRead)
            ? await parts.Runs.ApprovalsAsync(keys, "pending", null, ShownMax, cancel) : [];
        var own = runId is null ? null : await parts.Runs.RunAsync(keys, runId, cancel);
        return new ChatOutlook(live, waiting, own,
            own is null || waiting.Count == 0 ? [] : await answers.WaitingAsync(keys, own.RunId, cancel),
            by.Holds(Scopes.ApprovalsWrite), AnswerOf(live, waiting, own));
    }

    /// <summary>Whether the project has such a run, whatever the key may see of it.</summary>
    public async ValueTask<bool> KnowsAsync(TenancyKeys keys, string runId, CancellationToken cancel) =>
        await RunLookup.FindAsync(parts, keys, runId, cancel) is not null;

    private static ChatStateAnswer AnswerOf(
        List<RunListing> live, IReadOnlyList<ApprovalListing> waiting, RunListing? own)
    {
        var (build, capabilities) = Outputs(own?.OutputsJson);
        return new ChatStateAnswer([.. live.Select(Shown)],
            [.. waiting.Select(a => new ChatWaitAnswer(a.ApprovalId, a.RunId, a.Message))],
            own is null ? null : Shown(own), build, capabilities);

        static ChatRunAnswer Shown(RunListing run) => new(run.RunId, run.Name, run.Status);
    }

    /// <summary>What the assembly line leaves as its outputs, by the names of its project state.</summary>
    private static (string? BuildStatus, IReadOnlyList<string>? Capabilities) Outputs(string? json)
    {
        if (json is null)
        {
            return default;
        }
        using var outputs = JsonDocument.Parse(json);
        var root = outputs.RootElement;
        var build = Member(root, "build_status") is { ValueKind: JsonValueKind.String } said
            && said.GetString() is "clean" or "vulnerable" or "broken" ? said.GetString() : null;
        var spec = Member(root, "spec_document");
        return (build, spec is { } of && Member(of, "capabilities") is { ValueKind: JsonValueKind.Array } can
            ? [.. can.EnumerateArray().Take(CapabilitiesMax).Select(Capability).OfType<string>()] : null);
    }

    private static string? Capability(JsonElement one) => one.ValueKind switch
    {
        JsonValueKind.String => one.GetString(),
        JsonValueKind.Object => new[] { "name", "title", "id" }.Select(n => Member(one, n))
            .FirstOrDefault(m => m is { ValueKind: JsonValueKind.String })?.GetString(),
        _ => null,
    };

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : null;
}
