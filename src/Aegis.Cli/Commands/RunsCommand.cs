using System.CommandLine;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis runs [list|show|watch|pause|resume]</c>.</summary>
internal static class RunsCommand
{
    private static readonly Option<string?> Status = new("--status")
    {
        Description = "Only runs in this state: queued, running, paused, stopping, succeeded, "
            + "failed, cancelled.",
        CompletionSources =
        {
            "queued", "running", "paused", "stopping", "succeeded", "failed", "cancelled",
        },
    };

    private static readonly Option<int> Limit = new("--limit", "-n")
    {
        Description = "At most so many, 1 to 200.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<string?> Parent = new("--parent")
    {
        Description = "Only the runs that steps of this one stand on.",
        HelpName = "RUN",
    };

    private static readonly Argument<string> Id = new("RUN") { Description = "The run's id." };

    public static Command Build(CommandDesk desk)
    {
        var list = List(desk, new Verb("list", "List runs, newest first.",
            "aegis runs list --status failed --limit 50") { Status, Parent, Limit });
        var show = desk.Online(new Verb("show", "Show a run and its tasks.",
            "aegis runs show run_01J8") { Id },
            (client, parsed, cancel) => ShowAsync(desk, client, parsed, cancel));
        var watch = desk.Online(new Verb("watch", "Watch a run to its end, as aegis run does.",
            "aegis runs watch run_01J8") { Id },
            (client, parsed, cancel) => RunWatch.ToEndAsync(
                client, parsed.GetRequiredValue(Id), desk.Terminal, desk.WantsJson(parsed), cancel));
        return List(desk, new Verb("runs", "List, show, watch, pause and resume runs.",
            "aegis runs",
            "aegis runs --status running --json")
        {
            list, show, watch, SteerCommands.Pause(desk), SteerCommands.Resume(desk), Status, Parent, Limit,
        });
    }

    private static Command List(CommandDesk desk, Command command) =>
        desk.Online(command, async (client, parsed, cancel) =>
        {
            var page = await client.ListRunsAsync(
                parsed.GetValue(Status), parsed.GetValue(Limit), null, parsed.GetValue(Parent), cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(page, ClientJson.Default.RunPage);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["RUN", "NAME", "STATUS", "TASKS", "TOOK", "STARTED", "REASON"],
                page.Items.Select(r => new[]
                {
                    r.RunId, r.Name, r.Status, $"{r.TasksDone}/{r.TasksTotal}",
                    Spans.Text((r.EndedAt ?? r.UpdatedAt) - r.CreatedAt),
                        $"{r.CreatedAt:yyyy-MM-dd HH:mm:ss}",
                    r.Reason ?? "",
                }));
            return ExitCode.Ok;
        });

    private static async Task<int> ShowAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var run = await client.GetRunAsync(parsed.GetRequiredValue(Id), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(run, ClientJson.Default.RunDetail);
            return ExitCode.Ok;
        }
        var output = desk.Terminal.Out;
        output.WriteLine(Terminal.Visible($"{run.RunId}  {run.Name}  {run.Status}"
            + (run.Reason is null ? "" : $": {run.Reason}")));
        output.WriteLine($"plan {run.PlanId}, by {run.Actor}, {run.CreatedAt:yyyy-MM-dd HH:mm:ss}, "
            + $"{Spans.Text((run.EndedAt ?? run.UpdatedAt) - run.CreatedAt)}, {run.CostUsd} USD");
        foreach (var line in Kin(run))
        {
            output.WriteLine(Terminal.Visible(line));
        }
        if (run.Outputs is { } outputs)
        {
            output.WriteLine(Terminal.Visible($"outputs {outputs.GetRawText()}"));
        }
        desk.Terminal.Table(
            ["STEP", "TOOL", "STATUS", "TRY", "TOOK", "EXIT", "ERROR"], run.Tasks.Select(t => new[]
        {
            t.StepId, t.Tool, t.Status, t.Attempt.ToString(), Spans.Text(t.EndedAt - t.StartedAt),
            t.ExitCode?.ToString() ?? "", RunProgress.Text(t.Error, "code") ?? "",
        }));
        TaskErrors.Write(output, run);
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Kin(RunDetail run) =>
    [
        .. run.Parent is { } above ? [$"for step {above.StepId} of {above.RunId}"] : Array.Empty<string>(),
        .. run.RetryOf is { } before ? [$"retry of {before}"] : Array.Empty<string>(),
        .. (run.Children ?? []).Select(c => $"step {c.StepId} stands on {c.RunId}  {c.Name}  {c.Status}"),
    ];
}
