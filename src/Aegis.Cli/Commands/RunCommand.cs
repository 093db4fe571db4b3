using System.CommandLine;
using Aegis.Cli.Git;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis run FILE</c>: starts a workflow, on a repository if one is named, and watches
/// it.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> File =
        new("FILE") { Description = "The workflow, a YAML file." };

    private static readonly Option<string?> Repo = new("--repo")
    {
        Description =
            "A repository's name on the server, or the path of a local one, which is pushed there first.",
        HelpName = "NAME|PATH",
    };

    private static readonly Option<string?> Ref = new("--ref")
    {
        Description = "The branch. Default: the local repository's, or the default branch.",
        HelpName = "BRANCH",
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "An input of the workflow; JSON values are taken as such; name=@FILE reads a file.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string[]> Context = new("--context", "-c")
    {
        Description = "A member of the context, as a trigger would set it.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Of every verb that starts a run.</summary>
    internal static readonly Option<bool> Detach = new("--detach", "-d")
    {
        Description = "Print the run's id and do not watch it.",
    };

    private static readonly Option<bool> Freeze = new("--freeze")
    {
        Description = "A step that fails for good keeps its workspace and waits for aegis resolve.",
    };

    public static Command Build(CommandDesk desk) =>
        desk.Online(new Verb("run", "Start a workflow and watch it to its end.",
            "aegis run ci.yaml",
            "aegis run ci.yaml --repo . --input version=1.2",
            "aegis run ci.yaml --repo shop --ref main --detach")
        {
            File, Repo, Ref, Input, Context, Detach, Freeze,
        }, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));

    private static async Task<int> ActAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var workflow = WorkflowFile.Read(parsed.GetRequiredValue(File));
        var inputs = Pairs.ToJson("--input", parsed.GetValue(Input) ?? [], isText: workflow.IsTextInput);
        var pairs = parsed.GetValue(Context) ?? [];
        Pairs.ToJson("--context", pairs);
        var source = await SourceRepository.OfAsync(
            desk, client, parsed.GetValue(Repo), parsed.GetValue(Ref), cancel);
        var started = await client.StartRunAsync(new StartRun
        {
            Workflow = workflow.Text,
            FileName = workflow.FileName,
            Inputs = inputs,
            Context = Pairs.ToJson("--context", pairs, source.Preset),
            Repository = source.Name,
            Ref = source.Branch,
            Freeze = parsed.GetValue(Freeze) ? true : null,
        }, cancel);
        return parsed.GetValue(Detach)
            ? Detached(desk, parsed, started)
            : await RunWatch.ToEndAsync(
                client, started.RunId, desk.Terminal, desk.WantsJson(parsed), cancel);
    }

    internal static int Detached(CommandDesk desk, ParseResult parsed, RunStarted started)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(started, ClientJson.Default.RunStarted);
        }
        else
        {
            desk.Terminal.Out.WriteLine(started.RunId);
        }
        return ExitCode.Ok;
    }
}
