using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis status</c>: is the server there, ready, and what runs.</summary>
internal static class StatusCommand
{
    public static Command Build(CommandDesk desk) =>
        desk.Online(new Verb("status", "Say whether the server is ready, and what runs.",
            "aegis status"),
            async (client, parsed, cancel) =>
            {
                await client.CheckReadyAsync(cancel);
                var version = await client.GetVersionAsync(cancel);
                var running = await client.ListRunsAsync("running", 200, cancel: cancel);
                if (desk.WantsJson(parsed))
                {
                    desk.Terminal.Json(running, ClientJson.Default.RunPage);
                    return ExitCode.Ok;
                }
                var count = running.Next is null ? $"{running.Items.Count}" : "more than 200";
                desk.Terminal.Out.WriteLine($"{version.Product} {version.Version} at {client.Server}: ready, "
                    + $"{count} running");
                foreach (var run in running.Items.Take(10))
                {
                    desk.Terminal.Out.WriteLine(
                        Terminal.Visible($"  {run.RunId}  {run.Name}  {run.TasksDone}/{run.TasksTotal}"));
                }
                return ExitCode.Ok;
            });
}
