using System.Globalization;
using Aegis.Core.Intents;
using Aegis.Ledger.Reads;

namespace Aegis.Server.Chat;

/// <summary>What goes on in a project, in plain words: what runs, what waits for a human and how it is
/// answered, and how the conversation's own run ended.</summary>
/// <param name="Live">Runs that have not ended.</param>
/// <param name="Waiting">Approvals that nobody has answered.</param>
/// <param name="Own">The conversation's newest run.</param>
/// <param name="OwnWaiting">What waits in it and in those that its steps stand on.</param>
/// <param name="MayAnswer">Whether the key may answer.</param>
/// <param name="Answer">The same for programs.</param>
internal sealed record ChatOutlook(IReadOnlyList<RunListing> Live, IReadOnlyList<ApprovalListing> Waiting,
    RunListing? Own, IReadOnlyList<ApprovalListing> OwnWaiting, bool MayAnswer, ChatStateAnswer Answer)
{
    private const int WhyCharsMax = 300;

    /// <summary>Whether anything is under way.</summary>
    public bool IsBusy => Live.Count > 0 || Waiting.Count > 0;

    public string Say(string language)
    {
        var said = new List<string>();
        var waits = RunsThatWait();
        var moving = Live.Where(r => !waits.Contains(r.RunId)).ToList();
        if (moving.Count > 0)
        {
            said.Add(Text("status_running", ("runs", string.Join(", ", moving.Select(Shown)))));
        }
        else if (!IsBusy)
        {
            said.Add(Text("status_none"));
        }
        said.AddRange(OwnWaiting.Concat(Waiting).DistinctBy(a => a.ApprovalId).Take(ChatState.ShownMax)
            .Select(Wait));
        if (Own is { Status: "succeeded" or "failed" or "cancelled" } ended)
        {
            said.Add(Text($"status_{ended.Status}", ("name", ended.Name), ("run", ended.RunId),
                ("why", ended.Reason is { Length: > 0 } why ? $": «{Cut(why)}»" : "")));
        }
        if (Own?.CostUsd > 0)
        {
            said.Add(Cost(Own, language));
        }
        if (Answer.BuildStatus is { } build)
        {
            said.Add(Text("status_build", ("status", Word(build))));
        }
        if (Answer.Capabilities is { Count: > 0 } can)
        {
            said.Add(Text("status_capabilities", ("capabilities", string.Join(", ", can))));
        }
        return string.Join(' ', said);

        string Text(string name, params ReadOnlySpan<(string Name, string Value)> values) =>
            ChatTexts.BuiltIn.Say(name, language, values);

        string Word(string word) =>
            ChatTexts.BuiltIn.Texts.ContainsKey($"word_{word}") ? Text($"word_{word}") : word;

        string Shown(RunListing run) => $"{run.Name} ({run.RunId}, {Word(run.Status)}"
            + (run.Status != "running" ? ")" : ", " + Text("status_steps",
                ("done", $"{run.TasksDone}"), ("total", $"{run.TasksTotal}")) + ")");

        string Wait(ApprovalListing approval)
        {
            var isOwn = OwnWaiting is [var only] && only.ApprovalId == approval.ApprovalId;
            var name = Live.FirstOrDefault(r => r.RunId == approval.RunId)?.Name ?? approval.StepId;
            var what = approval.Message is { Length: > 0 } asked ? $"«{Cut(asked)}»."
                : Text("status_waits_step", ("step", approval.StepId));
            return Text(
                !MayAnswer ? "status_waits_key" : isOwn ? "status_waits_here" : "status_waits_elsewhere",
                ("name", name), ("run", approval.RunId), ("what", what), ("approval", approval.ApprovalId));
        }
    }

    /// <summary>What a run has cost until now.</summary>
    public static string Cost(RunListing run, string language) => ChatTexts.BuiltIn.Say("status_cost",
        language, ("name", run.Name), ("run", run.RunId),
        ("cost", run.CostUsd.ToString("0.######", CultureInfo.InvariantCulture)));

    // a run waits with the one that a step of it stands on
    private HashSet<string> RunsThatWait()
    {
        var waits = OwnWaiting.Concat(Waiting).Select(a => a.RunId).ToHashSet(StringComparer.Ordinal);
        for (var before = -1; before != waits.Count;)
        {
            before = waits.Count;
            waits.UnionWith(Live.Where(r => r.ParentRun is not null && waits.Contains(r.RunId))
                .Select(r => r.ParentRun!));
        }
        return waits;
    }

    private static string Cut(string text) => text.Length <= WhyCharsMax ? text : text[..WhyCharsMax] + "…";
}
