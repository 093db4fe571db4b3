using System.CommandLine;
using System.Text.Json;
using Aegis.Cli.Git;
using Aegis.Cli.Screen;
using Aegis.Client;
using Aegis.Core.Plans.Shipped;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis fix</c>: runs the shipped workflow that repairs a repository whose tests fail, and says
/// what was mended and what was not.</summary>
internal static class FixCommand
{
    private static readonly ShippedWorkflow Workflow = ShippedWorkflows.Find("fix")!;

    private static readonly Option<string> Repo = new("--repo")
    {
        Description =
            "A repository's name on the server, or the path of a local one, which is pushed there first.",
        HelpName = "NAME|PATH",
        DefaultValueFactory = _ => ".",
    };

    private static readonly Option<string?> Ref = new("--ref")
    {
        Description = "The branch. Default: the local repository's, or the default branch.",
        HelpName = "BRANCH",
    };

    private static readonly Option<string?> Framework = new("--framework")
    {
        Description = "As of tests.run. Default: told from the files.",
        HelpName = "NAME",
    };

    private static readonly Option<int> Max = new("--max")
    {
        Description = "How often a model is asked, 1 to 3.",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<bool> NoAsk = new("--no-ask")
    {
        Description = "Ask no human when all tries are spent: the run fails.",
    };

    private static readonly Option<bool> Show = new("--workflow")
    {
        Description = "Print the workflow, to copy and change, and run nothing.",
    };

    public static Command Build(CommandDesk desk)
    {
        Max.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= 3))
            {
                result.AddError("--max is 1 to 3");
            }
        });
        return desk.Online(new Verb("fix",
            "Repair a repository whose tests fail: a pull request with what works.",
            "aegis fix",
            "aegis fix --repo shop --framework pytest --max 1",
            "aegis fix --workflow > my-fix.yaml")
        {
            Repo, Ref, Framework, Max, NoAsk, RunCommand.Detach, Show,
        }, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));
    }

    private static async Task<int> ActAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        if (parsed.GetValue(Show))
        {
            desk.Terminal.Out.Write(Workflow.Text);
            return ExitCode.Ok;
        }
        var source = await SourceRepository.OfAsync(
            desk, client, parsed.GetRequiredValue(Repo), parsed.GetValue(Ref), cancel);
        List<string> inputs = [$"max={parsed.GetValue(Max)}"];
        inputs.AddRange(parsed.GetValue(Framework) is { } framework ? [$"framework={framework}"] : []);
        inputs.AddRange(parsed.GetValue(NoAsk) ? ["ask=false"] : []);
        var started = await client.StartRunAsync(new StartRun
        {
            Workflow = Workflow.Text,
            FileName = "fix.yaml",
            Inputs = Pairs.ToJson("--input", inputs),
            Context = Pairs.ToJson("--context", [], source.Preset),
            Repository = source.Name,
            Ref = source.Branch,
        }, cancel);
        if (parsed.GetValue(RunCommand.Detach))
        {
            return RunCommand.Detached(desk, parsed, started);
        }
        var json = desk.WantsJson(parsed);
        var exit = await RunWatch.ToEndAsync(client, started.RunId, desk.Terminal, json, cancel);
        // with --json every event stands there already
        if (!json && exit != ExitCode.Interrupted)
        {
            await TellAsync(client, started.RunId, desk.Terminal.Out, cancel);
        }
        return exit;
    }

    private static async Task TellAsync(
        AegisClient client, string run, TextWriter to, CancellationToken cancel)
    {
        await foreach (var fact in client.FollowEventsAsync(run, 0, cancel))
        {
            if (fact is { Type: "TaskCompleted", Payload: { } payload }
                && payload.TryGetProperty("outputs", out var outputs)
                && outputs.ValueKind == JsonValueKind.Object)
            {
                Tell(Words(payload, "step_id"), outputs, to);
            }
        }
    }

    private static void Tell(string step, JsonElement outputs, TextWriter to)
    {
        foreach (var it in List(outputs, "applied"))
        {
            to.WriteLine($"applied      {Place(it)}  {Words(it, "match")}  {Words(it, "explanation")}");
        }
        foreach (var it in List(outputs, "failed"))
        {
            to.WriteLine($"not applied  {Place(it)}  {Words(it, "code")}  {Words(it, "why")}");
        }
        if (step == "pr" && outputs.TryGetProperty("number", out var number))
        {
            to.WriteLine($"pull request {number} from {Words(outputs, "head")}");
        }
    }

    private static IEnumerable<JsonElement> List(JsonElement outputs, string name) =>
        outputs.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(it => it.ValueKind == JsonValueKind.Object) : [];

    private static string Place(JsonElement it) => $"{Words(it, "file")}:{Words(it, "line")}";

    // what a model wrote may hold anything: one line, no control characters
    private static string Words(JsonElement of, string name) => of.TryGetProperty(name, out var value)
        ? string.Concat(value.ToString().Select(c => char.IsControl(c) ? ' ' : c)) : "";
}
