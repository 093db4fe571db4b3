using System.CommandLine;
using System.Net;
using System.Text.Json;
using Aegis.Client;
using Aegis.Core.Intents;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis chat</c>: a conversation, a line at a time, from a terminal or a pipe.</summary>
internal static class ChatCommand
{
    private static readonly Option<string?> Session = new("--session")
    {
        Description = "Goes on with a conversation.", HelpName = "SESSION",
    };

    private static readonly Option<string?> Message = new("--message", "-m")
    {
        Description = "Says one thing and ends.", HelpName = "TEXT",
    };

    private static readonly Option<bool> Act = new("--act")
    {
        Description = "Lets the chat do what is wished; else it says what it would do, and asks.",
    };

    private static readonly Option<string?> Repo =
        new("--repo") { Description = "A repository that it is about.", HelpName = "NAME" };

    private static readonly Argument<string> Id =
        new("SESSION") { Description = "As aegis chat list shows it." };

    private static readonly Argument<string> Name = new("NAME") { Description = "Who is let in." };

    private static readonly Option<int?> Expires = new("--expires")
    {
        Description = "Seconds until the key ends; a week unless said.", HelpName = "SECONDS",
    };

    private static readonly Option<string?> Tier =
        new("--tier") { Description = "The tier of the key.", HelpName = "TIER" };

    public static Command Build(CommandDesk desk)
    {
        var chat = new Verb("chat", "Talk to the server: build, change, deploy, repair, run, review, ask.",
            "aegis chat", "aegis chat --act --session chat_5f0c2a9e81b7d364ca1033f1",
            "echo 'how is it going?' | aegis chat --json")
        {
            Session, Message, Act, Repo,
            desk.Online(new Verb("list", "List your conversations.", "aegis chat list"),
                async (client, parsed, cancel) => List(
                    desk, parsed, await client.ListChatSessionsAsync(cancel))),
            desk.Online(new Verb("show", "Show what was said.",
                "aegis chat show chat_5f0c2a9e81b7d364ca1033f1") { Id },
                (client, parsed, cancel) => ShowAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("delete", "Delete a conversation.",
                "aegis chat delete chat_5f0c2a9e81b7d364ca1033f1") { Id }, async (client, parsed, cancel) =>
            {
                await client.DeleteChatSessionAsync(parsed.GetRequiredValue(Id), cancel);
                return ExitCode.Ok;
            }),
            desk.Online(new Verb("invite", "Make a guest's key, which can only talk; it is shown once.",
                "aegis chat invite 'Ana' --expires 86400") { Name, Expires, Tier },
                async (client, parsed, cancel) =>
            {
                var made = await client.InviteGuestAsync(new InviteGuest(parsed.GetRequiredValue(Name),
                    parsed.GetValue(Expires), parsed.GetValue(Tier)), cancel);
                return desk.Write(parsed, made, ClientJson.Default.InvitedGuest,
                    $"{made.Key}  (shown only now; ends {made.ExpiresAt:yyyy-MM-dd HH:mm} UTC)");
            }),
        };
        return desk.Online(chat, (client, parsed, cancel) => TalkAsync(desk, client, parsed, cancel));
    }

    private static async Task<int> TalkAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var session = parsed.GetValue(Session);
        try
        {
            if (parsed.GetValue(Message) is { } only)
            {
                await SayAsync(desk, client, parsed, only, session, cancel);
                return ExitCode.Ok;
            }
            while (await LineAsync(desk.Terminal, cancel) is { } line)
            {
                if (string.IsNullOrWhiteSpace(line))
                {
                    continue;
                }
                session = await SayInTurnAsync(desk, client, parsed, line.Trim(), session, cancel);
            }
        }
        finally
        {
            if (session is not null && desk.Terminal.Live && !desk.WantsJson(parsed))
            {
                desk.Terminal.Error.WriteLine($"aegis chat --session {session}");
            }
        }
        return ExitCode.Ok;
    }

    /// <summary>A conversation does not end because it went too fast for the server, and a person's not
    /// because one thing was refused.</summary>
    private static async Task<string?> SayInTurnAsync(CommandDesk desk, AegisClient client,
        ParseResult parsed, string line, string? session, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await SayAsync(desk, client, parsed, line, session, cancel);
            }
            catch (AegisApiException e)
                when (e.Status == HttpStatusCode.TooManyRequests && e.RetryAfter is not null)
            {
                var wait = e.RetryAfter.Value;
                desk.Terminal.Error.WriteLine(
                    $"aegis: {e.Problem.Detail}; said again in {wait.TotalSeconds:0} s");
                await Task.Delay(wait, cancel);
            }
            catch (Exception e) when (desk.Terminal.Live && (e is AegisApiException or CliException))
            {
                Failure.Report(e, desk.Terminal.Error);
                return session;
            }
        }
    }

    /// <summary>Says one thing, and tells the answer as it comes.</summary>
    /// <returns>The conversation.</returns>
    private static async Task<string> SayAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        string line, string? session, CancellationToken cancel)
    {
        var message = new ChatMessage(line.Length <= IntentDetector.CharsMax ? line
            : throw new CliException(ExitCode.Usage, "AEGIS7001", "the line is too long",
                $"at most {IntentDetector.CharsMax} characters"), session, parsed.GetValue(Act),
            parsed.GetValue(Repo));
        var (json, terminal) = (desk.WantsJson(parsed), desk.Terminal);
        await foreach (var piece in client.FollowChatAsync(message, cancel))
        {
            session = piece.Data.ValueKind == JsonValueKind.Object
                && piece.Data.TryGetProperty("session_id", out var id) ? id.GetString() : session;
            switch (piece.Kind)
            {
                case "words" when !json:
                    terminal.Out.Write(Shown(piece.Data.GetProperty("text").GetString()!));
                    break;
                case "action" when !json:
                    terminal.Out.Write($"\n[{Action(piece.Data)}]");
                    break;
                case "done" when json:
                    terminal.Json(piece.Data, ClientJson.Default.JsonElement);
                    break;
                case "done":
                    terminal.Out.WriteLine();
                    break;
            }
        }
        return session!;
    }

    // a terminal's line cannot be taken back: who stops waiting leaves it to its thread
    private static async Task<string?> LineAsync(Terminal terminal, CancellationToken cancel)
    {
        if (terminal.Live)
        {
            terminal.Error.Write("> ");
        }
        return await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(cancel);
    }

    private static async Task<int> ShowAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var id = parsed.GetRequiredValue(Id);
        var page = await client.GetChatSessionAsync(id, 0, cancel);
        var lines = page.History.ToList();
        while (page.Next is { } next)
        {
            page = await client.GetChatSessionAsync(id, next, cancel);
            lines.AddRange(page.History);
        }
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(page with { History = lines }, ClientJson.Default.ChatHistory);
            return ExitCode.Ok;
        }
        foreach (var line in lines)
        {
            desk.Terminal.Out.WriteLine($"{(line.Who == "user" ? ">" : " ")} {Shown(line.Text)}");
        }
        return ExitCode.Ok;
    }

    private static int List(CommandDesk desk, ParseResult parsed, Listing<ChatSession> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingChatSession);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["SESSION", "MESSAGES", "RUN", "UPDATED"], found.Items.Select(s => new[]
        {
            s.SessionId, $"{s.Messages}", s.RunId ?? "", $"{s.UpdatedAt:yyyy-MM-dd HH:mm:ss}",
        }));
        return ExitCode.Ok;
    }

    private static string Action(JsonElement action) => Shown(string.Join(' ',
        new[] { "kind", "status", "run_id", "approval_id", "code" }
            .Select(n => action.TryGetProperty(n, out var v) ? v.GetString() : null).OfType<string>()));

    // lines stay lines; other control characters of foreign text are made visible
    private static string Shown(string text) =>
        string.Join('\n', text.Split('\n').Select(Terminal.Visible));
}
