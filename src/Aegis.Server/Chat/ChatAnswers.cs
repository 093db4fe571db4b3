using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Approvals;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Chat;

/// <summary>Answers for a founder what the conversation's run asked a human: only where exactly one thing
/// waits, and the key may.</summary>
internal sealed class ChatAnswers(DoorParts parts)
{
    /// <summary>Runs of steps that are looked into below the conversation's own.</summary>
    private const int KinMax = 100;
    private const int DepthMax = 4;
    private const int WaitingMax = 200;

    /// <param name="slots">Of the message, or of what was offered before it.</param>
    public async ValueTask<ChatReply> TakeAsync(
        ChatTurn turn, ImmutableSortedDictionary<string, string> slots, CancellationToken cancel)
    {
        var answer = slots.GetValueOrDefault(SlotName.Answer);
        var kind = answer switch { "stop" => "stop", "no" => "deny", _ => "approve" };
        try
        {
            if (turn.Session.RunId is not { } run)
            {
                return ChatReply.Of(turn.Say("nothing_waits"));
            }
            // what is not of this project is not the conversation's own instead
            if (turn.Found.Slot(SlotName.Run) is { } named && named != run)
            {
                return ChatReply.Of(turn.Say("status_unknown", ("run", named)));
            }
            if (kind == "stop")
            {
                ChatActions.Require(turn.By, Scopes.RunsWrite);
                // the desk steers under the engine's role: what is not the caller's ends here
                await RunLookup.RunAsync(parts, turn.Keys, run, cancel);
                await parts.RunDesk.CancelAsync(turn.By, new RunId(run), Reason(turn.Message), cancel);
                return Done(turn, kind, "stopped", run, null);
            }
            ChatActions.Require(turn.By, Scopes.ApprovalsWrite);
            return await WaitingAsync(turn.Keys, run, cancel) switch
            {
                [] => ChatReply.Of(turn.Say("nothing_waits")),
                [var only] when answer == "hint" => Offer(turn, only),
                [var only] => await AnswerAsync(turn, kind, only, slots, cancel),
                var several => ChatReply.Of(turn.Say("several_wait",
                    ("approvals", string.Join(", ", several.Select(a => a.ApprovalId))))),
            };
        }
        catch (AegisException e)
        {
            return ChatActions.Refused(turn, kind, e.Error);
        }
    }

    private async ValueTask<ChatReply> AnswerAsync(
        ChatTurn turn, string kind, ApprovalListing waits, ImmutableSortedDictionary<string, string> slots,
        CancellationToken cancel)
    {
        await ApprovalDoors.AnswerAsync(parts, turn.By, turn.Keys, waits.ApprovalId, kind == "approve",
            Reason(slots.GetValueOrDefault(SlotName.Hint)), null, cancel);
        return Done(turn, kind, kind == "approve" ? "approved" : "denied", waits.RunId, waits.ApprovalId);
    }

    // it may let a deployment through, so it is said aloud before it is done
    private static ChatReply Offer(ChatTurn turn, ApprovalListing waits)
    {
        var hint = turn.Found.Slot(SlotName.Hint) ?? "";
        return ChatReply.Of(turn.Say("offer_hint", ("approval", waits.ApprovalId), ("hint", hint))) with
        {
            Offer = new ChatOffer(Intent.Answer, turn.Found.Slots.SetItem(SlotName.Answer, "yes")),
        };
    }

    private static string? Reason(string? said) =>
        said is { Length: > DoorLimits.ReasonCharsMax } ? said[..DoorLimits.ReasonCharsMax] : said;

    private static ChatReply Done(ChatTurn turn, string kind, string text, string run, string? approval) =>
        new(turn.Say(text, ("run", run), ("approval", approval ?? "")),
            [new ChatActionAnswer(kind, "done") { RunId = run, ApprovalId = approval }]);

    /// <summary>What waits in the run and in those that its steps stand on.</summary>
    public async ValueTask<List<ApprovalListing>> WaitingAsync(
        TenancyKeys keys, string run, CancellationToken cancel)
    {
        var kin = new HashSet<string>(StringComparer.Ordinal) { run };
        ImmutableArray<string> level = [run];
        for (var depth = 0; depth < DepthMax && !level.IsEmpty && kin.Count < KinMax; depth++)
        {
            var below = new List<string>();
            foreach (var parent in level)
            {
                below.AddRange((await parts.Runs.RunsAsync(keys, new RunFilter(Parent: parent), null,
                    KinMax, cancel)).Select(r => r.RunId));
            }
            level = [.. below.Where(kin.Add)];
        }
        var waiting = await parts.Runs.ApprovalsAsync(keys, "pending", null, WaitingMax, cancel);
        return [.. waiting.Where(a => kin.Contains(a.RunId))];
    }
}
