using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Ledger.Chat;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Gateway;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Chat;

/// <summary>
/// A turn of a conversation: 1. the session, found or begun; 2. what was heard, and what is meant by it;
/// 3. the message is on record; 4. what it wishes is answered, done, or offered; 5. the answer is on record,
/// as far as it was told, even to a client that left.
/// </summary>
internal sealed class ChatDesk
{
    private readonly DoorParts parts;
    private readonly ChatModels models;
    private readonly ChatReplies replies;

    public ChatDesk(DoorParts parts, GatewaySessions sessions)
    {
        this.parts = parts;
        models = new ChatModels(parts, sessions);
        replies = new ChatReplies(parts, models);
    }

    /// <summary>By the rules, and by a model where they are unsure and the project has one.</summary>
    public async ValueTask<DetectedIntent> DetectAsync(Principal by, string text, CancellationToken cancel)
    {
        var rules = IntentDetector.BuiltIn.Detect(text);
        return rules.Confidence < IntentDetector.SureFrom
            && await models.FindAsync(by, cancel) is { } model
            && await models.DetectAsync(by, model, text, rules, cancel) is { } told
                ? told : rules;
    }

    public static IntentDetected Fact(Principal by, DetectedIntent found, string? session) => new(
        ChatTable.NewFactId(), session, by.Actor, IntentWord.Of(found.Intent), found.Slots, found.Confidence,
        found.Language, found.DetectedBy, found.IsHostile);

    public async ValueTask<ChatAnswer> TurnAsync(Principal by, TenancyKeys keys, ChatInput input,
        IChatTeller teller, CancellationToken cancel)
    {
        var known = input.SessionId is { } id ? await FindAsync(by, keys, id, cancel) : null;
        var heard = input.Sound is { } sound ? await models.HearAsync(by, sound, cancel) : null;
        var message = heard ?? input.Message!;
        var found = Assent(known, message) ?? await HintAsync(by, keys, known, message, cancel)
            ?? await DetectAsync(by, message, cancel);
        var run = found.Slot(SlotName.Run) is { } named
            && await replies.State.KnowsAsync(keys, named, cancel) ? named : null;
        if (known is not null && (found.Intent == Intent.Answer || !found.TellsLanguage))
        {
            // a yes, a no, emoji and code tell no language
            found = found with { Language = known.Language };
        }
        var session = known ?? await parts.Chat.OpenAsync(keys, by.Actor, input.Door, found.Language, cancel)
            ?? throw new AegisException(ChatErrors.TooManySessions);
        var kept = await parts.Chat.AddAsync(keys, session.SessionId, new ChatAddition(
            [Fact(by, found, session.SessionId)])
        {
            Who = ChatLine.User,
            Text = message,
            Intent = IntentWord.Of(found.Intent),
            DetailJson = JsonSerializer.Serialize(
                found.Slots, DoorJson.Default.ImmutableSortedDictionaryStringString),
            Keep = s => s with
            {
                Language = found.Language,
                Repository = input.Repository ?? found.Slot(SlotName.Repository) ?? s.Repository,
                RunId = run ?? s.RunId,
                PendingJson = null,
            },
        }, cancel) ?? throw new AegisException(ChatErrors.SessionFull(session.SessionId));
        parts.Secrets.FactWaits();
        await teller.HeardAsync(new ChatHeardAnswer(session.SessionId, IntentWord.Of(found.Intent),
            found.Slots, found.Confidence, found.Language, found.DetectedBy, heard));
        // what was offered before this message is what a yes means
        var turn = new ChatTurn(by, keys, kept with { PendingJson = session.PendingJson }, message, found,
            input.RequireAction, input.Repository);
        return await AnswerAsync(turn, teller, heard, cancel);
    }

    /// <summary>Where something was offered just before, "ok" is a yes to it.</summary>
    private static DetectedIntent? Assent(ChatSession? known, string message) =>
        known is { PendingJson: not null } ? IntentDetector.BuiltIn.DetectAssent(message) : null;

    /// <summary>Where exactly one thing of the conversation waits for a human, and nothing was offered, a
    /// sentence that means nothing else surely is for whoever waits.</summary>
    private async ValueTask<DetectedIntent?> HintAsync(Principal by, TenancyKeys keys, ChatSession? known,
        string message, CancellationToken cancel) =>
        known is { RunId: { } run, PendingJson: null } && by.Holds(Scopes.ApprovalsWrite)
            && IntentDetector.BuiltIn.DetectHint(message) is { } hint
            && (await replies.Answers.WaitingAsync(keys, run, cancel)).Count == 1 ? hint : null;

    /// <summary>A session of the caller's own, or of anybody for who may read others'.</summary>
    public async ValueTask<ChatSession> FindAsync(
        Principal by, TenancyKeys keys, string id, CancellationToken cancel) =>
        await parts.Chat.FindAsync(keys, id, cancel) is { } found
            && (found.Actor == by.Actor || by.Holds(Scopes.ChatOthers))
            ? found : throw new AegisException(DoorErrors.NotFound("conversation", id));

    private async ValueTask<ChatAnswer> AnswerAsync(
        ChatTurn turn, IChatTeller teller, string? heard, CancellationToken cancel)
    {
        var veil = new CodeVeil(turn.Say("code_left_out"), teller.SaidAsync);
        var reply = ChatReply.Of("");
        try
        {
            reply = await replies.OfAsync(turn, veil, cancel);
            await veil.SayAsync(reply.Text ?? "");
            await veil.EndAsync();
        }
        finally
        {
            // what was told, and what was done, is on record whoever left
            await KeepAsync(turn, veil.Shown, reply);
        }
        foreach (var action in reply.Actions)
        {
            await teller.DidAsync(action);
        }
        var answer = new ChatAnswer(turn.Session.SessionId, veil.Shown, IntentWord.Of(turn.Found.Intent),
            turn.Found.Slots, reply.Actions, (await replies.State.LookAsync(
                turn.By, turn.Keys, reply.RunId ?? turn.Session.RunId, cancel))?.Answer)
        {
            Transcript = heard,
            Offered = reply.Offer is { } offer ? IntentWord.Of(offer.Intent) : null,
        };
        await teller.EndedAsync(answer);
        return answer;
    }

    private async ValueTask KeepAsync(ChatTurn turn, string told, ChatReply reply)
    {
        if (told.Length == 0 && reply.Actions.IsEmpty)
        {
            return;
        }
        await parts.Chat.AddAsync(turn.Keys, turn.Session.SessionId, new ChatAddition(
            [.. reply.Actions.Select(a => new ActionTaken(
                ChatTable.NewFactId(), turn.Session.SessionId, turn.By.Actor, a.Kind, a.Status, a.RunId,
                a.Code))])
        {
            Who = ChatLine.Assistant,
            Text = told.Length <= ChatTable.MessageCharsMax ? told : told[..ChatTable.MessageCharsMax],
            Intent = IntentWord.Of(turn.Found.Intent),
            DetailJson = reply.Actions.IsEmpty ? null : JsonSerializer.Serialize(
                reply.Actions, DoorJson.Default.ImmutableArrayChatActionAnswer),
            Keep = s => s with
            {
                RunId = reply.RunId ?? s.RunId,
                PendingJson = reply.Offer?.ToJson(),
            },
        }, CancellationToken.None);
        parts.Secrets.FactWaits();
    }
}
