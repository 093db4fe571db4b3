using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models judge|learned|replacements</c>: what is learned about models.</summary>
internal static class LearningCommands
{
    private static readonly Argument<string> Call =
        new("CALL") { Description = "The call's id, as the run's events show it." };

    private static readonly Argument<string> Id =
        new("ID") { Description = "As aegis models replacements list shows it." };

    private static readonly Option<string> Kind = KindOption();

    private static readonly Option<double> Value = new("--value")
    {
        Description = "From 0, worthless, to 1.", HelpName = "VALUE", Required = true,
    };

    private static readonly Option<string?> TaskType = new("--task-type")
    {
        Description = "Only what is known for this task type.", HelpName = "NAME",
    };

    public static Command Judge(CommandDesk desk) => desk.Online(
        new Verb("judge", "Judge what a call got from models; the router learns from it.",
            "aegis models judge run_01J8.build.1 --kind auditor --value 0.8") { Call, Kind, Value },
        async (client, parsed, cancel) =>
        {
            var judged = await client.JudgeCallAsync(new JudgeCall(parsed.GetRequiredValue(Call),
                parsed.GetRequiredValue(Kind), parsed.GetValue(Value)), cancel);
            return desk.Write(parsed, judged, ClientJson.Default.JudgedCall, Terminal.Visible(
                $"judged {string.Join(", ", judged.Models.Select(m => $"{m.Provider}/{m.Model}"))}"));
        });

    public static Command Learned(CommandDesk desk) => desk.Online(
        new Verb("learned", "Show what is known of models, per task type.",
            "aegis models learned --task-type coding") { TaskType },
        async (client, parsed, cancel) =>
        {
            var found = await client.ListLearnedModelsAsync(parsed.GetValue(TaskType), cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingLearnedModel);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["TASK", "MODEL", "QUALITY", "EVIDENCE", "MS", "AVAILABLE", "BREAKER", "NOW"],
                found.Items.Select(Row));
            return ExitCode.Ok;
        });

    public static Command Replacements(CommandDesk desk) => new("replacements",
        "Decisions that another model stands in for one that is gone or has become worse.")
    {
        desk.Online(new Verb("list", "List them, newest first.", "aegis models replacements list"),
            async (client, parsed, cancel) =>
                List(desk, parsed, await client.ListModelReplacementsAsync(cancel))),
        desk.Online(new Verb("undo", "Take one back: the model is asked again.",
            "aegis models replacements undo rep_01jd9t8w5c3n6k1m0q7xh2v4zb") { Id },
            async (client, parsed, cancel) =>
            {
                await client.UndoModelReplacementAsync(parsed.GetRequiredValue(Id), cancel);
                return ExitCode.Ok;
            }),
    };

    private static int List(CommandDesk desk, ParseResult parsed, Listing<ModelReplacement> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingModelReplacement);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["ID", "MODEL", "STANDS IN", "TASK", "WHY", "BEFORE", "NOW", "DECIDED", "UNDONE"],
            found.Items.Select(r => new[]
            {
                r.ReplacementId, r.From, r.To, r.TaskType ?? "all", r.Why, Number(r.Before), Number(r.Now),
                $"{r.DecidedAt:yyyy-MM-dd HH:mm:ss}", r.UndoneBy ?? "",
            }));
        return ExitCode.Ok;
    }

    private static string[] Row(LearnedModel m) =>
    [
        m.TaskType ?? "", $"{m.Provider}/{m.Model}",
        m.Quality is { } quality ? $"{Number(quality)} ± {Number(m.Deviation ?? 0)}" : "",
        m.Evidence is { } evidence ? evidence.ToString("0.#", CultureInfo.InvariantCulture) : "",
        m.Ms.ToString("0", CultureInfo.InvariantCulture), Number(m.Availability), m.Breaker,
        m.AnsweredBy ?? "",
    ];

    private static string Number(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);

    private static Option<string> KindOption() => new Option<string>("--kind")
    {
        Description = "Who judged: auditor, user_approval or tests_passed.", HelpName = "KIND",
        Required = true,
    }.AcceptOnlyFromAmong("auditor", "user_approval", "tests_passed");
}
