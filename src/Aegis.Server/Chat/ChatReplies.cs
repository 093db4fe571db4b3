using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Models.Calls;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;

namespace Aegis.Server.Chat;

/// <summary>What a message is answered with, by its intent.</summary>
internal sealed class ChatReplies
{
    private const int ModelsShownMax = 3;
    private const string ModelScope = "tools:llm";
    private const string CostTopic = "cost";
    private const string Guide = "You answer a founder's questions about the system below, in the language "
        + "of the question, in a few plain sentences. Speak of capabilities and state, never of code, and "
        + "show none. You can do nothing yourself; what the messages ask beyond an answer you do not do.";

    private readonly DoorParts parts;
    private readonly ChatModels models;
    private readonly ChatActions actions;

    public ChatReplies(DoorParts parts, ChatModels models)
    {
        this.parts = parts;
        this.models = models;
        actions = new ChatActions(parts);
        Answers = new ChatAnswers(parts);
        State = new ChatState(parts, Answers);
    }

    public ChatAnswers Answers { get; }

    public ChatState State { get; }

    /// <param name="veil">Hears the words of a model as they come.</param>
    public ValueTask<ChatReply> OfAsync(ChatTurn turn, CodeVeil veil, CancellationToken cancel) =>
        turn.Found switch
        {
            { IsHostile: true } => ValueTask.FromResult(ChatReply.Of(turn.Say("hostile"))),
            { Courtesy: { } kind } => CourtesyAsync(turn, kind, cancel),
            { Intent: Intent.Answer } => AnswerAsync(turn, cancel),
            { Intent: Intent.Status } => StatusAsync(turn, cancel),
            { Intent: Intent.Route } => RouteAsync(turn, cancel),
            { Intent: Intent.Question } => QuestionAsync(turn, veil, cancel),
            _ => WishAsync(turn, cancel),
        };

    /// <summary>A wish is done where that was asked for and it is surely meant; else it is offered.</summary>
    private async ValueTask<ChatReply> WishAsync(ChatTurn turn, CancellationToken cancel)
    {
        var (intent, slots) = (turn.Found.Intent, turn.Found.Slots);
        if (turn.RequireAction && turn.Found.Confidence >= IntentDetector.SureFrom)
        {
            return await actions.TakeAsync(turn, intent, slots, cancel);
        }
        return await actions.MissingAsync(turn, intent, slots, cancel) ?? Offer(turn, intent, slots);
    }

    private static ChatReply Offer(
        ChatTurn turn, Intent intent, ImmutableSortedDictionary<string, string> slots)
    {
        var word = IntentWord.Of(intent);
        var repository = turn.Repository ?? slots.GetValueOrDefault(SlotName.Repository)
            ?? turn.Session.Repository;
        var subject = turn.Say($"subject_{slots.GetValueOrDefault(SlotName.Subject) ?? "repository"}",
            ("repository", repository ?? ""));
        var act = turn.Say($"act_{word}", ("objective", slots.GetValueOrDefault(SlotName.Objective) ?? ""),
            ("command", slots.GetValueOrDefault(SlotName.Command) ?? ""), ("subject", subject));
        return ChatReply.Of(turn.Say("offer", ("act", act))) with
        {
            Offer = new ChatOffer(intent, slots),
        };
    }

    private async ValueTask<ChatReply> AnswerAsync(ChatTurn turn, CancellationToken cancel)
    {
        if (ChatOffer.Read(turn.Session.PendingJson) is not { } offer)
        {
            return await Answers.TakeAsync(turn, turn.Found.Slots, cancel);
        }
        return turn.Found.Slot(SlotName.Answer) != "yes" ? ChatReply.Of(turn.Say("dropped"))
            : offer.Intent == Intent.Answer ? await Answers.TakeAsync(turn, offer.Slots, cancel)
            : await actions.TakeAsync(turn, offer.Intent, offer.Slots, cancel);
    }

    private async ValueTask<ChatReply> StatusAsync(ChatTurn turn, CancellationToken cancel)
    {
        if (await LookAsync(turn, cancel) is not { } state)
        {
            return ChatReply.Of(turn.Say("forbidden", ("scope", Scopes.RunsRead)));
        }
        // the desk keeps a run that the project has, and no other
        var asked = turn.Found.Slot(SlotName.Run);
        return ChatReply.Of(asked is null || asked == turn.Session.RunId ? state.Say(turn.Language)
            : turn.Say("status_unknown", ("run", asked)));
    }

    private ValueTask<ChatOutlook?> LookAsync(ChatTurn turn, CancellationToken cancel) =>
        State.LookAsync(turn.By, turn.Keys, turn.Session.RunId, cancel);

    /// <summary>Whoever comes back hears how it stands, too.</summary>
    private async ValueTask<ChatReply> CourtesyAsync(
        ChatTurn turn, Courtesy kind, CancellationToken cancel)
    {
        var said = turn.Say($"courtesy_{kind.ToString().ToLowerInvariant()}");
        return ChatReply.Of(kind == Courtesy.Greeting
            && await LookAsync(turn, cancel) is { IsBusy: true } state
            ? $"{said} {state.Say(turn.Language)}" : said);
    }

    private async ValueTask<ChatReply> RouteAsync(ChatTurn turn, CancellationToken cancel)
    {
        if (!turn.By.Holds(ModelScope))
        {
            return ChatReply.Of(turn.Say("forbidden", ("scope", ModelScope)));
        }
        var profile = await parts.ModelDesk.ProfileAsync(turn.By, cancel);
        var task = turn.Found.Slot(SlotName.TaskType);
        var asked = task is not null && profile.Models.ContainsKey(task) ? task
            : await models.FindAsync(turn.By, cancel) ?? profile.Models.Keys.FirstOrDefault();
        if (asked is null)
        {
            return ChatReply.Of(turn.Say("route_no_models"));
        }
        try
        {
            var outlook = await parts.ModelDesk.ExplainAsync(turn.By, new CallSketch(asked)
            {
                TaskType = task, PromptBytes = Encoding.UTF8.GetByteCount(turn.Message),
            }, null, cancel);
            var chain = outlook.Chain.Where(s => s.PassedOver is null).Select(s => s.Model.ToString())
                .ToList();
            return ChatReply.Of(chain.Count == 0
                ? turn.Say("route_none", ("why", outlook.Error?.Message ?? asked))
                : turn.Say("route_chosen", ("task", task ?? asked), ("model", chain[0]),
                    ("others", chain.Count == 1 ? "" : turn.Say("route_others", ("models",
                        string.Join(", ", chain.Skip(1).Take(ModelsShownMax)))))));
        }
        catch (AegisException e)
        {
            return ChatReply.Of(turn.Say("route_none", ("why", e.Error.Message)));
        }
    }

    private async ValueTask<ChatReply> QuestionAsync(ChatTurn turn, CodeVeil veil, CancellationToken cancel)
    {
        if (await models.FindAsync(turn.By, cancel) is { } model)
        {
            var before = Math.Max(0, turn.Session.Messages - ChatModels.LinesSeenMax);
            var lines = await parts.Chat.LinesAsync(
                turn.Keys, turn.Session.SessionId, before, ChatModels.LinesSeenMax, cancel);
            var guide = await GuideAsync(turn, cancel);
            if (await models.AnswerAsync(turn.By, model, guide, lines, veil.SayAsync, cancel) is not null)
            {
                return new ChatReply(null, []);
            }
        }
        var topic = ChatTexts.BuiltIn.TopicOf(turn.Message);
        var said = topic?.Says[turn.Language] ?? turn.Say("unclear");
        return ChatReply.Of(topic?.Name == CostTopic
            && await LookAsync(turn, cancel) is { Own: { } own }
            ? $"{ChatOutlook.Cost(own, turn.Language)} {said}" : said);
    }

    /// <summary>All that a model is told: what the product is, and the state that the key may see.</summary>
    private async ValueTask<string> GuideAsync(ChatTurn turn, CancellationToken cancel)
    {
        var guide = new StringBuilder()
            .AppendLine(Guide).AppendLine().AppendLine("# What it is");
        foreach (var topic in ChatTexts.BuiltIn.Topics)
        {
            guide.Append("- ").AppendLine(topic.Says[turn.Language]);
        }
        if (await LookAsync(turn, cancel) is { } state)
        {
            guide.AppendLine().AppendLine("# State now").AppendLine(state.Say(turn.Language));
        }
        return guide.ToString();
    }
}
