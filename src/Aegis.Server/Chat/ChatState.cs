using System.Text.Json;
using Aegis.Core.Intents;
using Aegis.Gate;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;

namespace Aegis.Server.Chat;

/// <summary>What goes on in the project, as far as a key may see it, for people.</summary>
internal sealed class ChatState(DoorParts parts)
{
    /// <summary>Runs and approvals that are shown.</summary>
    public const int ShownMax = 10;

    private const int CapabilitiesMax = 50;
    private static readonly string[] Live = ["running", "queued", "paused", "stopping"];

    /// <summary>Null where the key may see no runs.</summary>
    public async ValueTask<ChatStateAnswer?> LookAsync(
        Principal by, TenancyKeys keys, string? runId, CancellationToken cancel)
    {
        if (!by.Holds(Scopes.RunsRead))
        {
            return null;
        }
        var running = new List<ChatRunAnswer>();
        foreach (var status in Live)
        {
            var found = await parts.Runs.RunsAsync(
                keys, new RunFilter(status), null, ShownMax - running.Count, cancel);
            running.AddRange(found.Select(r => new ChatRunAnswer(r.RunId, r.Name, r.Status)));
            if (running.Count >= ShownMax)
            {
                break;
            }
        }
        var waiting = by.Holds(Scopes.ApprovalsRead)
            ? await parts.Runs.ApprovalsAsync(keys, "pending", null, ShownMax, cancel) : [];
        var run = runId is null ? null : await parts.Runs.RunAsync(keys, runId, cancel);
        var (build, capabilities) = Outputs(run?.OutputsJson);
        return new ChatStateAnswer(running,
            [.. waiting.Select(a => new ChatWaitAnswer(a.ApprovalId, a.RunId, a.Message))],
            run is null ? null : new ChatRunAnswer(run.RunId, run.Name, run.Status), build, capabilities);
    }

    /// <summary>In the words of a language.</summary>
    public static string Say(ChatStateAnswer state, string language)
    {
        var texts = ChatTexts.BuiltIn;
        var said = new List<string>
        {
            state.Running.Count == 0 ? texts.Say("status_none", language)
                : texts.Say("status_running", language, ("runs", string.Join(", ",
                    state.Running.Select(r => $"{r.Name} ({r.RunId}, {Word(r.Status, language)})")))),
        };
        if (state.Waiting.Count > 0)
        {
            said.Add(texts.Say("status_waits", language, ("approvals", string.Join(", ",
                state.Waiting.Select(w => w.Message is { Length: > 0 } why ? $"{w.ApprovalId} ({why})"
                    : w.ApprovalId)))));
        }
        if (state.Run is { } run)
        {
            said.Add(texts.Say(
                "status_last", language, ("name", run.Name), ("status", Word(run.Status, language))));
        }
        if (state.BuildStatus is { } build)
        {
            said.Add(texts.Say("status_build", language, ("status", Word(build, language))));
        }
        if (state.Capabilities is { Count: > 0 } can)
        {
            said.Add(texts.Say("status_capabilities", language, ("capabilities", string.Join(", ", can))));
        }
        return string.Join(' ', said);
    }

    private static string Word(string status, string language) =>
        ChatTexts.BuiltIn.Texts.ContainsKey($"word_{status}")
            ? ChatTexts.BuiltIn.Say($"word_{status}", language) : status;

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
