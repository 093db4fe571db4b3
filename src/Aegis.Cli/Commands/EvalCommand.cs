using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Aegis.Cli.Evals;
using Aegis.Client;
using Aegis.Core.Plans.Shipped;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis eval</c>: an agent, and the model behind it, judged by a suite of small tasks, each as a
/// run of the shipped workflow.</summary>
internal static class EvalCommand
{
    private static readonly Argument<string?> Suite = new("SUITE")
    {
        Description = "A folder with suite.yaml, or exercises in the polyglot layout.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> Agent = new("--agent")
    {
        Description = "Who is judged: one that ships, or of the profile, which says its model.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "builder",
    };

    private static readonly Option<string[]> Language = new("--language")
    {
        Description = "Of the polyglot layout, only these.", HelpName = "NAME",
    };

    private static readonly Option<string[]> Only = new("--case")
    {
        Description = "Only these cases.", HelpName = "ID",
    };

    private static readonly Option<int> Jobs = new("--jobs", "-j")
    {
        Description = $"Cases at once, 1 to {EvalRuns.JobsMax}.",
        HelpName = "N",
        DefaultValueFactory = _ => 2,
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Keep the result as JSON in this file.", HelpName = "FILE",
    };

    private static readonly Option<string?> Compare = new("--compare")
    {
        Description = "An earlier result; the exit status is 1 where a case that passed does not.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Show = new("--workflow")
    {
        Description = "Print the workflow, to copy and change, and run nothing.",
    };

    public static Command Build(CommandDesk desk)
    {
        Jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= EvalRuns.JobsMax))
            {
                result.AddError($"--jobs is 1 to {EvalRuns.JobsMax}");
            }
        });
        var verb = new Verb("eval", "Judge an agent and its model by a suite of small tasks.",
            "aegis eval samples/evals/first",
            "aegis eval polyglot-benchmark --language python --jobs 4 --out today.json",
            "aegis eval samples/evals/first --agent builder-fast --compare today.json")
        {
            Suite, Agent, Language, Only, Jobs, Out, Compare, Show,
        };
        return desk.Online(verb, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));
    }

    private static async Task<int> ActAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        if (parsed.GetValue(Show))
        {
            desk.Terminal.Out.Write(ShippedWorkflows.Find("eval")!.Text);
            return ExitCode.Ok;
        }
        var before = parsed.GetValue(Compare) is { } earlier ? EvalResult.Read(earlier) : null;
        if (Chosen(parsed, desk.Terminal) is not { } suite)
        {
            return ExitCode.Failed;
        }
        var agent = parsed.GetRequiredValue(Agent);
        var done = 0;
        var runs = new EvalRuns(client, agent, parsed.GetValue(Jobs), result => desk.Terminal.Error.WriteLine(
            $"{Interlocked.Increment(ref done)}/{suite.Cases.Length} {Terminal.Visible(result.Id)} "
            + (result.Pass1 ? "passed" : result.Pass2 ? "passed at the second try" : "did not pass")));
        var at = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var result = EvalResult.Of(suite.Name, agent, at, await runs.RunAsync(suite.Cases, cancel));
        if (parsed.GetValue(Out) is { } file)
        {
            await Files.WriteAsync(file,
                to => JsonSerializer.SerializeAsync(to, result, EvalJson.Default.EvalResult, cancel));
        }
        return Tell(desk, parsed, result, before);
    }

    private static int Tell(CommandDesk desk, ParseResult parsed, EvalResult result, EvalResult? before)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(result, EvalJson.Default.EvalResult);
        }
        else
        {
            EvalTable.Write(result, desk.Terminal);
        }
        var to = desk.WantsJson(parsed) ? desk.Terminal.Error : desk.Terminal.Out;
        return before is not null && EvalTable.Compare(before, result, to) ? ExitCode.Failed : ExitCode.Ok;
    }

    private static EvalSuite? Chosen(ParseResult parsed, Terminal terminal)
    {
        var path = parsed.GetValue(Suite) ?? throw new CliException(ExitCode.Usage, "AEGIS2747",
            "no suite is named", "name a folder as docs/eval.md shows it");
        var suite = EvalSuite.Read(path, [.. parsed.GetValue(Language) ?? []], terminal);
        var only = (parsed.GetValue(Only) ?? []).ToImmutableHashSet(StringComparer.Ordinal);
        if (suite is null || only.IsEmpty)
        {
            return suite;
        }
        var missing = only.Except(suite.Cases.Select(c => c.Id));
        return missing.IsEmpty ? suite with { Cases = [.. suite.Cases.Where(c => only.Contains(c.Id))] }
            : throw new CliException(ExitCode.Usage, "AEGIS2747",
                $"the suite has no case {string.Join(", ", missing.Order(StringComparer.Ordinal))}",
                "its cases: " + string.Join(", ", suite.Cases.Select(c => c.Id).Take(20)));
    }
}
