using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis retry RUN</c>: a new run of the same plan that takes over the results that
/// hold.</summary>
internal static class RetryCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };

    private static readonly Option<string[]> From = new("--from", "-f")
    {
        Description = "A step to run again, with all that stands on it. Default: every one that failed.",
        HelpName = "STEP",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "Another value of an input; a step that was asked with the old one runs again too.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string[]> Context = new("--context", "-c")
    {
        Description = "Another value of a member of the context.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string[]> With = new("--with", "-w")
    {
        Description = "Another value in a step's with. The step's id ends at the last dot.",
        HelpName = "STEP.member=value",
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for the record." };

    public static Command Build(CommandDesk desk) =>
        desk.Online(new Verb("retry", "Run what failed again, and take over the rest.",
            "aegis retry run_01J8",
            "aegis retry run_01J8 --from tests --input version=1.4.1")
        {
            Run, From, Input, Context, With, Reason, RunCommand.Detach,
        }, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));

    private static async Task<int> ActAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var from = parsed.GetValue(From) ?? [];
        var made = await client.RetryRunAsync(parsed.GetRequiredValue(Run), new RetryRun
        {
            From = from.Length == 0 ? null : from,
            Inputs = Pairs.ToJson("--input", parsed.GetValue(Input) ?? []),
            Context = Pairs.ToJson("--context", parsed.GetValue(Context) ?? []),
            With = Steps(parsed.GetValue(With) ?? []),
            Reason = parsed.GetValue(Reason),
        }, cancel);
        if (!parsed.GetValue(RunCommand.Detach))
        {
            return await RunWatch.ToEndAsync(
                client, made.RunId, desk.Terminal, desk.WantsJson(parsed), cancel);
        }
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(made, ClientJson.Default.RunRetried);
        }
        else
        {
            desk.Terminal.Out.WriteLine(made.RunId);
        }
        return ExitCode.Ok;
    }

    /// <summary><c>STEP.member=value</c>, gathered by step.</summary>
    private static JsonElement? Steps(string[] pairs)
    {
        var steps = new JsonObject();
        foreach (var member in Pairs.ToJson("--with", pairs)?.EnumerateObject() ?? default)
        {
            var dot = member.Name.LastIndexOf('.');
            if (dot < 1 || dot == member.Name.Length - 1)
            {
                throw new CliException(ExitCode.Usage, "AEGIS7001",
                    $"--with {member.Name}: expected STEP.member=value");
            }
            var step = member.Name[..dot];
            if (!steps.ContainsKey(step))
            {
                steps[step] = new JsonObject();
            }
            steps[step]![member.Name[(dot + 1)..]] = JsonNode.Parse(member.Value.GetRawText());
        }
        return steps.Count == 0 ? null : JsonSerializer.Deserialize(steps.ToJsonString(),
            ClientJson.Default.JsonElement);
    }
}
