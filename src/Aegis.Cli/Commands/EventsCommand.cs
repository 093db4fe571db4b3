using System.CommandLine;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis events RUN [--follow]</c>: the facts of a run.</summary>
internal static class EventsCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };

    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Go on until the run has ended; the exit status is the run's.",
    };

    private static readonly Option<int> After = new("--after")
    {
        Description = "Only events after this version of the stream.",
    };

    public static Command Build(CommandDesk desk) =>
        desk.Online(new Verb("events", "Show a run's events.",
            "aegis events run_01J8 --follow",
            "aegis events run_01J8 --after 120 --json") { Run, Follow, After },
            (client, parsed, cancel) => parsed.GetValue(Follow)
                ? FollowAsync(desk, client, parsed, cancel)
                : PagesAsync(desk, client, parsed, cancel));

    private static async Task<int> PagesAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var after = parsed.GetValue(After);
        while (true)
        {
            var page = await client.ListEventsAsync(parsed.GetRequiredValue(Run), after, 200, cancel);
            foreach (var fact in page.Items)
            {
                Show(desk, parsed, fact);
            }
            if (page.Items.Count == 0)
            {
                return ExitCode.Ok;
            }
            after = page.Next;
        }
    }

    private static async Task<int> FollowAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var run = parsed.GetRequiredValue(Run);
        var progress = new RunProgress(await client.GetRunAsync(run, cancel));
        await foreach (var fact in client.FollowEventsAsync(run, parsed.GetValue(After), cancel))
        {
            progress.Apply(fact);
            Show(desk, parsed, fact);
        }
        return progress.Exit;
    }

    private static void Show(CommandDesk desk, ParseResult parsed, RunEvent fact)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(fact, ClientJson.Default.RunEvent);
            return;
        }
        var payload = fact.Payload?.GetRawText() ?? "(erased)";
        var room = Math.Max(20, desk.Terminal.Width - 45);
        var words = payload.Length <= room ? payload : payload[..(room - 1)] + "…";
        desk.Terminal.Out.WriteLine(
            Terminal.Visible($"{fact.Version,5}  {fact.At:HH:mm:ss.fff}  {fact.Type,-20}  {words}"));
    }
}
