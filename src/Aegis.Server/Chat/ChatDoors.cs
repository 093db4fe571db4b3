using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Ledger.Chat;
using Aegis.Models.Protocols;
using Aegis.Server.Addresses;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Gateway;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Chat;

/// <summary>Conversations: sentences understood, messages answered, what was said.</summary>
internal static class ChatDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts, GatewaySessions sessions)
    {
        var desk = new ChatDesk(parts, sessions);
        routes.MapPost("/v1/intents:detect", http => DetectAsync(http, parts, desk))
            .RequireScope(Scopes.ChatWrite)
            .Describe("detectIntent", "What a sentence wishes, in Spanish or English; nothing is done",
                door => door.Reads(DoorJson.Default.DetectIntentRequest)
                    .Answers(DoorJson.Default.IntentAnswer));
        routes.MapPost("/v1/chat", http => PostAsync(http, parts, desk)).RequireScope(Scopes.ChatWrite)
            .WithMetadata(new LimitedByAddress(), new BodySize(ProtocolLimits.FormBytesMax))
            .Describe("chat", "Answers a message; with require_action it does what the message wishes",
                door => door.Saying("A sound comes as a form: file, session_id, require_action, repository.")
                    .Reads(DoorJson.Default.ChatRequest).ReadsRaw("multipart/form-data")
                    .Answers(DoorJson.Default.ChatAnswer).AnswersRaw(SseWriter.MediaType)
                    .Refuses("AEGIS2710", "AEGIS2711", "AEGIS2712", "AEGIS2715", "AEGIS2716", "AEGIS6034"));
        routes.MapPost("/mcp/chat", http => PostMcpAsync(http, desk)).RequireScope(Scopes.ChatWrite)
            .WithMetadata(new LimitedByAddress())
            .Describe("mcpChat", "POST /v1/chat in the words of the assistant's older door",
                door => door.Reads(DoorJson.Default.McpChatRequest).Answers(DoorJson.Default.McpChatAnswer)
                    .Refuses("AEGIS2710", "AEGIS2711", "AEGIS2712"));
        routes.MapGet("/v1/chat/sessions", http => ListAsync(http, parts)).RequireScope(Scopes.ChatRead)
            .Describe("listChatSessions", "Conversations, newest first", door => door
                .Flag("all", "Those of others too; needs chat:others.").Page()
                .Answers(DoorJson.Default.ListingChatSessionAnswer));
        routes.MapGet("/v1/chat/sessions/{session}", http => GetAsync(http, parts, desk))
            .RequireScope(Scopes.ChatRead).WithEntityTag()
            .Describe("getChatSession", "A conversation, and what was said in it", door => door
                .Number("after", "Only messages with a greater number.", 0, int.MaxValue, 0).Limit()
                .Answers(DoorJson.Default.ChatHistoryAnswer));
        routes.MapDelete("/v1/chat/sessions/{session}", http => DeleteAsync(http, parts, desk))
            .RequireScope(Scopes.ChatWrite).WithEntityTag()
            .Describe("deleteChatSession", "Deletes a conversation; its facts stay in the ledger",
                door => door.Answers(StatusCodes.Status204NoContent));
    }

    private static async Task DetectAsync(HttpContext http, DoorParts parts, ChatDesk desk)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.DetectIntentRequest);
        var by = http.Caller().Principal;
        var found = await desk.DetectAsync(by, request.Text, http.RequestAborted);
        await parts.Chat.RecordAsync(http.ProjectKeys(), ChatStream.Intents, ChatDesk.Fact(by, found, null),
            http.RequestAborted);
        parts.Secrets.FactWaits();
        await Body.WriteAsync(http, IntentAnswer.Of(found), DoorJson.Default.IntentAnswer);
    }

    private static async Task PostAsync(HttpContext http, DoorParts parts, ChatDesk desk)
    {
        var input = await ChatInput.ReadAsync(http);
        var (by, keys) = (http.Caller().Principal, http.ProjectKeys());
        if (!SseWriter.IsAskedFor(http.Request))
        {
            await desk.TurnAsync(by, keys, input, new WholeTeller(
                answer => Body.WriteAsync(http, answer, DoorJson.Default.ChatAnswer)), http.RequestAborted);
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, parts.Readiness.Stopping);
        using var place = parts.OpenStreams.Take(keys);
        var teller = new StreamTeller(http, stop.Token);
        try
        {
            await desk.TurnAsync(by, keys, input, teller, stop.Token);
        }
        catch (AegisException e) when (teller.HasBegun)
        {
            await teller.FailedAsync(e.Error);
        }
    }

    private static async Task PostMcpAsync(HttpContext http, ChatDesk desk)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.McpChatRequest);
        var input = new ChatInput(request.UserMessage, null)
        {
            SessionId = request.SessionId, RequireAction = request.RequireAction, Door = "mcp",
        };
        await desk.TurnAsync(http.Caller().Principal, http.ProjectKeys(), input, new WholeTeller(
            a => Body.WriteAsync(http, new McpChatAnswer(a.Response, a.ActionsTaken, a.SessionId),
                DoorJson.Default.McpChatAnswer)), http.RequestAborted);
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var (by, limit) = (http.Caller().Principal, Query.Limit(http));
        var all = Query.Flag(http, "all");
        if (all && !by.Holds(Scopes.ChatOthers))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.ChatOthers));
        }
        var found = await parts.Chat.ListAsync(http.ProjectKeys(), all ? null : by.Actor,
            PageCursors.Read(http), limit + 1, http.RequestAborted);
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, ChatSessionAnswer.Of,
            s => (s.CreatedAt, s.SessionId)), DoorJson.Default.ListingChatSessionAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts, ChatDesk desk)
    {
        var (keys, limit) = (http.ProjectKeys(), Query.Limit(http));
        var after = (int)Query.Number(http, "after", 0, 0, int.MaxValue);
        var found = await desk.FindAsync(
            http.Caller().Principal, keys, Query.Route(http, "session"), http.RequestAborted);
        var lines = await parts.Chat.LinesAsync(
            keys, found.SessionId, after, limit + 1, http.RequestAborted);
        await Body.WriteAsync(http, new ChatHistoryAnswer(ChatSessionAnswer.Of(found),
            [.. lines.Take(limit).Select(ChatLineAnswer.Of)],
            lines.Count > limit ? lines[limit - 1].Number : null), DoorJson.Default.ChatHistoryAnswer,
            state: Tag(found));
    }

    private static EntityTag Tag(ChatSession session) =>
        EntityTag.Of(ChatSessionAnswer.Of(session), DoorJson.Default.ChatSessionAnswer);

    private static async Task DeleteAsync(HttpContext http, DoorParts parts, ChatDesk desk)
    {
        var (by, keys) = (http.Caller().Principal, http.ProjectKeys());
        var found = await desk.FindAsync(by, keys, Query.Route(http, "session"), http.RequestAborted);
        if (!await parts.Chat.DeleteAsync(keys, found.SessionId, by.Actor,
            http.Conditions().On<ChatSession>(Tag), http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotFound("conversation", found.SessionId));
        }
        parts.Secrets.FactWaits();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
