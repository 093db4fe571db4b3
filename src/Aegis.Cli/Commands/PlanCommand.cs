using System.CommandLine;
using Aegis.Cli.Screen;
using Aegis.Client;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Schedules;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis plan check FILE</c> (offline) and <c>aegis plan status ID</c>.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string[]> Paths = new("FILE")
    {
        Description = "Workflow files.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> Id = new("PLAN") { Description = "The plan's id." };

    public static Command Build(CommandDesk desk)
    {
        var check = new Command("check", "Check workflow files; needs no server.") { Paths };
        check.SetAction(parsed => Check(desk, parsed));
        return new Command("plan", "Plans.")
        {
            check,
            desk.Online(new Command("status", "Show a plan's newest run.") { Id }, (client, parsed, cancel) =>
                StatusAsync(desk, client, parsed, cancel)),
        };
    }

    private static int Check(CommandDesk desk, ParseResult parsed)
    {
        var wrong = 0;
        foreach (var path in parsed.GetRequiredValue(Paths))
        {
            // which tools there are is the server's to say: any name passes here
            var result = WorkflowCompiler.Compile(Files.Read(path, Files.WorkflowBytesMax), path,
                knownZone: CronZone.IsKnown);
            wrong += result.Diagnostics.Length;
            if (desk.WantsJson(parsed))
            {
                var entries = result.Diagnostics.Select(Entry).ToList();
                desk.Terminal.Json(
                    new Problem(null, null, 0, path, entries.Count == 0 ? "" : "AEGIS6040", null, null,
                    null, entries), ClientJson.Default.Problem);
                continue;
            }
            foreach (var diagnostic in result.Diagnostics)
            {
                var error = diagnostic.Error;
                desk.Terminal.Error.WriteLine(Failure.Place(diagnostic.At.File, diagnostic.At.Line,
                    diagnostic.At.Column, error.Code, error.Message, error.Expected, error.Got, error.Mend));
            }
            if (result.Plan is { } plan)
            {
                desk.Terminal.Out.WriteLine(
                    Terminal.Visible($"{path}: ok, {plan.Name}, {plan.Tasks.Length} tasks"));
            }
        }
        return wrong == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static ProblemEntry Entry(Diagnostic d) =>
        new(d.Error.Code, d.Error.Message, d.At.File, d.At.Line,
        d.At.Column, d.Error.Expected, d.Error.Got, d.Error.Mend);

    private static async Task<int> StatusAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var plan = await client.GetPlanStatusAsync(parsed.GetRequiredValue(Id), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(plan, ClientJson.Default.PlanStatus);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine(Terminal.Visible($"{plan.PlanId}  {plan.Name}  {plan.Status}"));
        desk.Terminal.Table(["RUN", "STATUS", "TASKS", "TOOK", "STARTED"], plan.Runs.Select(r => new[]
        {
            r.RunId, r.Status, $"{r.TasksDone}/{r.TasksTotal}",
                Spans.Text((r.EndedAt ?? r.UpdatedAt) - r.CreatedAt),
            $"{r.CreatedAt:yyyy-MM-dd HH:mm:ss}",
        }));
        return ExitCode.Ok;
    }
}
