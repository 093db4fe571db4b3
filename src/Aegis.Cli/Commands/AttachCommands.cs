using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Cli.Git;
using Aegis.Cli.Terminals;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis attach</c> and <c>aegis debug</c>: this terminal in front of one in the
/// sandbox.</summary>
internal static class AttachCommands
{
    private static readonly Argument<string?> Session = new("TERMINAL")
    {
        Description = "Its id; left out, the only one that is live, or a new one where none is.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> New = new("--new") { Description = "Open another one." };

    private static readonly Option<bool> Record = new("--record")
    {
        Description = "Keep what the new one shows as an asciicast, an artifact of the project.",
    };

    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Only look; whoever owns it goes on typing.",
    };

    private static readonly Option<bool> List = new("--list") { Description = "List live terminals." };

    private static readonly Option<bool> Close = new("--close")
    {
        Description = "End it with all that runs in it.",
    };

    private static readonly Argument<string> Run =
        new("RUN") { Description = "A run started with --freeze." };

    private static readonly Argument<string> Step = new("STEP") { Description = "Its step that failed." };

    public static Command Attach(CommandDesk desk) => desk.Online(new Verb("attach",
        "Sit in front of a terminal in the sandbox; Ctrl-] leaves it running.",
        "aegis attach", "aegis attach run_01jcz4k2m8 --watch", "aegis attach --new --record --repo shop")
    {
        Session, New, Record, Watch, List, Close, RpcVerb.Repo, RpcVerb.Ref,
    }, (client, parsed, cancel) => AttachAsync(desk, client, parsed, cancel));

    public static Command Debug(CommandDesk desk) => desk.Online(new Verb("debug",
        "Open a shell over the files of a step that failed in a run started with --freeze.",
        "aegis debug run_01jcz4k2m8 build") { Run, Step, Record }, async (client, parsed, cancel) =>
    {
        using var terminal = new AttachedTerminal(desk, client);
        return await terminal.RunAsync("pty.open", new JsonObject
        {
            ["debug"] = new JsonObject
            {
                ["run"] = parsed.GetRequiredValue(Run), ["step"] = parsed.GetRequiredValue(Step),
            },
            ["record"] = parsed.GetValue(Record),
        }, types: true, cancel);
    });

    private static async Task<int> AttachAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(List))
        {
            return Listed(desk, parsed, await client.ListTerminalsAsync(cancel));
        }
        var session = parsed.GetValue(New) ? null : parsed.GetValue(Session);
        if (session is null && !parsed.GetValue(New))
        {
            var live = (await client.ListTerminalsAsync(cancel)).Items.Where(t => !t.Ended).ToList();
            if (live.Count > 1)
            {
                throw new CliException(ExitCode.Usage, "AEGIS7001", $"{live.Count} terminals are live",
                    "name one: " + string.Join(", ", live.Select(t => t.TerminalId)));
            }
            session = live.FirstOrDefault()?.TerminalId;
        }
        if (parsed.GetValue(Close))
        {
            await client.CloseTerminalAsync(session ?? throw new CliException(ExitCode.Usage, "AEGIS7001",
                "no terminal is live", "aegis attach --list"), cancel);
            return ExitCode.Ok;
        }
        using var terminal = new AttachedTerminal(desk, client);
        return session is null
            ? await terminal.RunAsync("pty.open", await NewAsync(desk, client, parsed, cancel), true, cancel)
            : await terminal.RunAsync("pty.attach", new JsonObject
            {
                ["session"] = session, ["watch"] = parsed.GetValue(Watch),
            }, !parsed.GetValue(Watch), cancel);
    }

    private static async Task<JsonObject> NewAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var source = await SourceRepository.OfAsync(
            desk, client, parsed.GetValue(RpcVerb.Repo), parsed.GetValue(RpcVerb.Ref), cancel);
        var members = new JsonObject { ["record"] = parsed.GetValue(Record) };
        ExecCommand.Put(members, "repo", source.Name);
        ExecCommand.Put(members, "ref", source.Branch);
        return members;
    }

    private static int Listed(CommandDesk desk, ParseResult parsed, Listing<LiveTerminal> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingLiveTerminal);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["TERMINAL", "COMMAND", "SIZE", "STATE", "OPENED"],
            found.Items.Select(t => new[]
            {
                t.TerminalId, t.Command, $"{t.Columns}x{t.Rows}",
                t.Ended ? $"ended, {t.ExitCode}" : t.Attached ? "attached" : "detached",
                $"{t.OpenedAt:yyyy-MM-dd HH:mm:ss}",
            }));
        return ExitCode.Ok;
    }
}
