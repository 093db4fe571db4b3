using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Core.Policy;
using Aegis.Core.Runs.Events;
using Aegis.Engine;
using Aegis.Engine.Schedules;
using Aegis.Gate;
using Aegis.Ledger.Chat;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Spawns;
using Aegis.Server.Tools;
using Aegis.Server.Plans;
using Aegis.Server.Workflows;

namespace Aegis.Server.Chat;

/// <summary>
/// Does what a message wishes, by the code of the doors and in the caller's name: 1. the scope that the door
/// would ask for; 2. what is missing is said; 3. before a run begins its id is on record in the conversation,
/// so that a crash loses neither; 4. the run. A refusal is an answer, not a failure.
/// </summary>
internal sealed class ChatActions(DoorParts parts)
{
    private const int SpawnNameCharsMax = 40;

    public async ValueTask<ChatReply> TakeAsync(
        ChatTurn turn, Intent intent, ImmutableSortedDictionary<string, string> slots,
        CancellationToken cancel)
    {
        var word = IntentWord.Of(intent);
        try
        {
            if (intent == Intent.Scan && slots.GetValueOrDefault(SlotName.Subject) == "machine")
            {
                return await LookAroundAsync(turn, word, cancel);
            }
            Require(turn.By, Scopes.RunsWrite);
            var run = FreshRunId.At(parts.Time.GetUtcNow());
            var start = await PlanAsync(turn, intent, slots, new RunId(run), cancel);
            await NoteAsync(turn, word, "starting", run, null, cancel);
            await start();
            return new(turn.Say($"started_{word}", ("run", run)),
                [new ChatActionAnswer(word, "started") { RunId = run }]) { RunId = run };
        }
        catch (AegisException e)
        {
            return Refused(turn, word, e.Error);
        }
        catch (WorkflowRejectedException e)
        {
            return Refused(turn, word, e.Diagnostics[0].Error);
        }
    }

    /// <summary>Whether there is a way to do it; the refusal where there is none.</summary>
    public async ValueTask<ChatReply?> MissingAsync(ChatTurn turn, Intent intent,
        ImmutableSortedDictionary<string, string> slots, CancellationToken cancel)
    {
        try
        {
            if (intent != Intent.Scan || slots.GetValueOrDefault(SlotName.Subject) != "machine")
            {
                Require(turn.By, Scopes.RunsWrite);
                await PlanAsync(turn, intent, slots, new RunId("none"), cancel);
            }
            return null;
        }
        catch (AegisException e)
        {
            return Refused(turn, IntentWord.Of(intent), e.Error);
        }
    }

    public static void Require(Principal by, string scope)
    {
        if (!(scope == Scopes.Operator ? by.Scopes.Contains(scope) : by.Holds(scope)))
        {
            throw new AegisException(DoorErrors.ScopeMissing(scope));
        }
    }

    public static ChatReply Refused(ChatTurn turn, string kind, AegisError error) => new(error.Code switch
    {
        "AEGIS6011" => turn.Say("forbidden", ("scope", error.Expected ?? "")),
        "AEGIS2713" => turn.Say("not_configured", ("key", kind)),
        "AEGIS2717" => turn.Say(kind == IntentWord.Of(Intent.Spawn) ? "no_command" : "no_repository"),
        _ => turn.Say("refused", ("why", error.Message)),
    }, [new ChatActionAnswer(kind, "refused") { Code = error.Code, Detail = error.Message }]);

    /// <summary>Makes all ready that can be refused before anything begins.</summary>
    private async ValueTask<Func<Task>> PlanAsync(ChatTurn turn, Intent intent,
        ImmutableSortedDictionary<string, string> slots, RunId run, CancellationToken cancel) =>
        intent switch
        {
            Intent.Spawn => Call(turn, SpawnDoors.Start(Program(slots)), run, cancel),
            Intent.Scan => Call(turn, Review(turn, slots), run, cancel),
            _ => await WorkflowAsync(turn, intent, slots, run, cancel),
        };

    private async ValueTask<Func<Task>> WorkflowAsync(ChatTurn turn, Intent intent,
        ImmutableSortedDictionary<string, string> slots, RunId run, CancellationToken cancel)
    {
        var use = IntentWord.Of(intent);
        var profile = await parts.ModelDesk.ProfileAsync(turn.By, cancel);
        if (profile.Chat.Workflows.GetValueOrDefault(use) is not { } name)
        {
            return intent is Intent.Build or Intent.Change
                && slots.GetValueOrDefault(SlotName.Objective) is { } words
                ? () => ObjectivePlan.StartAsync(parts, turn.By, turn.Keys,
                    new Objective(words, null, RepositoryOf(turn, slots)), run, cancel)
                : throw new AegisException(ChatErrors.NotConfigured(use));
        }
        var found = await parts.Workflows.FindAsync(turn.Keys, name, cancel)
            ?? throw new AegisException(ChatErrors.NoWorkflow(use, name));
        var repository = RepositoryOf(turn, slots);
        var context = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["event"] = "chat", ["session_id"] = turn.Session.SessionId,
        });
        return () => WorkflowDoors.StartAsync(parts, turn.By, turn.Keys, found, new RunRequest(null,
            WorkflowDoors.Context(context, found.Name), repository, null, run)
        {
            Offered = repository is null ? slots : slots.SetItem(SlotName.Repository, repository),
        }, cancel).AsTask();
    }

    private Func<Task> Call(
        ChatTurn turn, CallStart start, RunId run, CancellationToken cancel) => async () =>
    {
        if (await start.JudgeAsync(turn.By, parts, cancel) is { Denial: { } denial, Asks: false })
        {
            throw new AegisException(denial);
        }
        await start.StartAsync(turn.By, parts, run, cancel);
    };

    private static CallStart Review(ChatTurn turn, ImmutableSortedDictionary<string, string> slots) =>
        new("qa.review", JsonElement.Parse("{}"), new CallPolicyRequest(), "chat")
        {
            Repository = RepositoryOf(turn, slots)
                ?? throw new AegisException(ChatErrors.NotTold("which repository to review")),
        };

    /// <summary>One program and its words as the shell would see them; nothing that only a shell
    /// does.</summary>
    private static SpawnRequest Program(ImmutableSortedDictionary<string, string> slots)
    {
        var line = CommandLine.Parse(slots.GetValueOrDefault(SlotName.Command) ?? "");
        if (line is not { Error: null, Commands: [var only], Hazards.IsEmpty: true } || only.Words.IsEmpty
            || !only.Assignments.IsEmpty || !only.Redirections.IsEmpty
            || only.Words.Any(w => w.IsOpen || w.HasGlob))
        {
            throw new AegisException(ChatErrors.NotTold("one program and its words, in backticks"));
        }
        var name = Path.GetFileName(only.Program);
        return new SpawnRequest
        {
            Name = name.Length <= SpawnNameCharsMax && IdRule.IsValid(name) ? name : "chat",
            Command = only.Program,
            Args = [.. only.Argv.Skip(1)],
        };
    }

    private async ValueTask<ChatReply> LookAroundAsync(ChatTurn turn, string word, CancellationToken cancel)
    {
        // tenants share the machine, so what is on it is the operator's to know, as at the door
        Require(turn.By, Scopes.Operator);
        var found = await parts.Machine.Survey.LookAsync(cancel);
        return new(turn.Say("scanned", ("programs", $"{found.Programs.Found.Length}"),
            ("servers", $"{found.Servers.Length}")), [new ChatActionAnswer(word, "done")]);
    }

    public async ValueTask NoteAsync(ChatTurn turn, string kind, string status, string? run, string? code,
        CancellationToken cancel) =>
        await parts.Chat.AddAsync(turn.Keys, turn.Session.SessionId, new ChatAddition([new ActionTaken(
            ChatTable.NewFactId(), turn.Session.SessionId, turn.By.Actor, kind, status, run, code)])
        {
            Keep = s => run is null ? s : s with { RunId = run },
        }, cancel);

    private static string? RepositoryOf(
        ChatTurn turn, ImmutableSortedDictionary<string, string> slots) =>
        turn.Repository ?? slots.GetValueOrDefault(SlotName.Repository) ?? turn.Session.Repository;
}
