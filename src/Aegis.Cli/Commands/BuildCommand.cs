using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Cli.Git;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis build OBJECTIVE</c>: the assembly line, from what somebody says to software that
/// runs.</summary>
internal static class BuildCommand
{
    private static readonly Argument<string> Objective =
        new("OBJECTIVE") { Description = "What it is to be, in your own words." };

    private static readonly Option<string?> Repo = new("--repo")
    {
        Description = "The repository that is changed: its name on the server, or the path of a local one, "
            + "which is pushed there first. Default: a new one.",
        HelpName = "NAME|PATH",
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "A further input of the line, such as name=shop or approve_spec=true.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Command Build(CommandDesk desk) => desk.Online(new Verb("build",
        "Build software from a sentence: specification, plan, code, audit, tests, pull request, deployment.",
        "aegis build \"A to-do API with SQLite and tests\"",
        """aegis build "Quiero una tienda" --input name=shop --input approve_spec=true""",
        """aegis build "Carts have discounts" --repo . --detach""")
    {
        Objective, Repo, Input, RunCommand.Detach,
    }, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));

    private static async Task<int> ActAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var source = await SourceRepository.OfAsync(desk, client, parsed.GetValue(Repo), null, cancel);
        var plan = await client.CreatePlanAsync(new CreatePlan
        {
            Objective = parsed.GetRequiredValue(Objective),
            Repository = source.Name,
            Inputs = Pairs.ToJson("--input", parsed.GetValue(Input) ?? []),
        }, cancel);
        var (run, json) = (plan.RunId!, desk.WantsJson(parsed));
        if (parsed.GetValue(RunCommand.Detach))
        {
            return RunCommand.Detached(desk, parsed, new RunStarted(run, plan.PlanId));
        }
        if (!json)
        {
            desk.Terminal.Error.WriteLine(Terminal.Visible($"aegis: {run} works on {plan.Repository}"));
        }
        return await RunWatch.ToEndAsync(client, run, desk.Terminal, json, cancel, json ? null : outputs =>
        {
            Tell(desk, outputs, "pull request", "code_diffs");
            Tell(desk, outputs, "address", "url");
        });
    }

    private static void Tell(CommandDesk desk, JsonElement outputs, string what, string member)
    {
        if (JsonNode.Parse(outputs.GetRawText())![member] is { } value)
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible($"{what} {value}"));
        }
    }
}
