using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis workflow add|list|show|remove|enable|disable|run|shipped</c>: workflows that something
/// else than a person may start, and those that come with the product.</summary>
internal static class WorkflowCommand
{
    private static readonly Argument<string> File =
        new("FILE") { Description = "The workflow, a YAML file." };
    private static readonly Argument<string> Name = new("NAME") { Description = "The registered name." };
    private static readonly Option<string?> As = new("--name")
    {
        Description = "The name to register. Default: the workflow's own.",
    };

    private static readonly Option<string?> Repo = new("--repo")
    {
        Description = "A repository of the project that runs without a caller work on.",
    };

    private static readonly Option<string?> Ref = new("--ref") { Description = "Its branch." };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "An input of the workflow; JSON values are taken as such; name=@FILE reads a file.",
        HelpName = "name=value",
    };

    public static Command Build(CommandDesk desk) => new("workflow", "Registered workflows.")
    {
        desk.Online(new Verb("add", "Register a workflow, or register it anew.",
            "aegis workflow add ci.yaml --repo shop --ref main") { File, As, Repo, Ref },
            async (client, parsed, cancel) =>
            {
                var file = WorkflowFile.Read(parsed.GetRequiredValue(File));
                var stored = await client.PutWorkflowAsync(parsed.GetValue(As) ?? file.Name,
                    new PutWorkflow(file.Text, file.FileName, parsed.GetValue(Repo), parsed.GetValue(Ref)),
                    cancel);
                return Show(desk, parsed, stored);
            }),
        desk.Online(new Verb("list", "List registered workflows.",
            "aegis workflow list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListWorkflowsAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingWorkflow);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["NAME", "STATE", "ON", "UPDATED"], found.Items.Select(w => new[]
            {
                w.Name, State(w), On(w), $"{w.UpdatedAt:yyyy-MM-dd HH:mm:ss}",
            }));
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("show", "Show a workflow and its newest starts.",
            "aegis workflow show ci") { Name },
            (client, parsed, cancel) => ShowAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("remove", "Remove a registered workflow.",
            "aegis workflow remove ci") { Name },
            async (client, parsed, cancel) =>
            {
                await client.DeleteWorkflowAsync(parsed.GetRequiredValue(Name), cancel);
                return ExitCode.Ok;
            }),
        Switch(desk, "enable", "Let it be started again.", true),
        Switch(desk, "disable", "Let nothing start it.", false),
        desk.Online(new Verb("run", "Start it, where its on lists api.",
            "aegis workflow run ci --input version=1.2") { Name, Input },
            async (client, parsed, cancel) =>
            {
                var started = await client.RunWorkflowAsync(parsed.GetRequiredValue(Name), new StartRun
                {
                    Inputs = Pairs.ToJson("--input", parsed.GetValue(Input) ?? []),
                }, cancel);
                if (desk.WantsJson(parsed))
                {
                    desk.Terminal.Json(started, ClientJson.Default.RunStarted);
                    return ExitCode.Ok;
                }
                desk.Terminal.Out.WriteLine(started.RunId);
                return ExitCode.Ok;
            }),
        ShippedCommand.Build(desk),
    };

    private static Command Switch(CommandDesk desk, string verb, string meaning, bool enabled) =>
        desk.Online(new Verb(verb, meaning, $"aegis workflow {verb} ci") { Name }, async (client, parsed,
            cancel) =>
            Show(desk, parsed,
                await client.EnableWorkflowAsync(parsed.GetRequiredValue(Name), enabled, cancel)));

    private static async Task<int> ShowAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var found = await client.GetWorkflowAsync(parsed.GetRequiredValue(Name), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.WorkflowDetail);
            return ExitCode.Ok;
        }
        Show(desk, parsed, found.Workflow);
        desk.Terminal.Table(["RUN", "CAUSE", "STATUS", "WHEN", "WHY"], found.Starts.Select(s => new[]
        {
            s.RunId, s.Cause, s.Status, $"{s.CreatedAt:yyyy-MM-dd HH:mm:ss}", s.Error ?? "",
        }));
        return ExitCode.Ok;
    }

    private static int Show(CommandDesk desk, ParseResult parsed, Workflow workflow)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(workflow, ClientJson.Default.Workflow);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine(Terminal.Visible(
            $"{workflow.Name}  {State(workflow)}  on {On(workflow)}  {workflow.PlanId}"));
        return ExitCode.Ok;
    }

    private static string State(Workflow workflow) => workflow.Enabled ? "enabled" : "disabled";

    private static string On(Workflow workflow) => string.Join(", ", workflow.Triggers.Select(t =>
        t.GetProperty("kind").GetString() switch
        {
            "github" => $"github:{t.GetProperty("event").GetString()}"
                + (t.TryGetProperty("action", out var action) ? $".{action.GetString()}" : ""),
            "schedule" => $"schedule {t.GetProperty("cron").GetString()} "
                + t.GetProperty("time_zone").GetString(),
            "workflow_completed" => $"workflow_completed {t.GetProperty("workflow").GetString()}",
            var kind => kind!,
        }));
}
