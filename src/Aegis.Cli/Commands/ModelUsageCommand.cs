using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models usage</c>: what calls to models used and cost.</summary>
internal static class ModelUsageCommand
{
    private static readonly string[] Groups = ["run", "task", "agent", "model", "provider", "day", "key"];

    private static readonly Option<string> By = Choice();

    private static readonly Option<string?> Run =
        new("--run") { Description = "Only calls of this run or session.", HelpName = "RUN" };

    private static readonly Option<string?> Since = new("--since")
    {
        Description = "From that day of UTC on: a time, or how long ago, such as 7d.", HelpName = "TIME",
    };

    public static Command Usage(CommandDesk desk) => desk.Online(
        new Verb("usage", "Show what calls to models used and cost, the costliest first.",
            "aegis models usage --since 7d",
            "aegis models usage --by task --run run_01J8 --json") { By, Run, Since },
        async (client, parsed, cancel) =>
        {
            var by = parsed.GetRequiredValue(By);
            var from = parsed.GetValue(Since) is { } since
                ? DateOnly.FromDateTime(PolicyCommand.Moment(since).UtcDateTime)
                : (DateOnly?)null;
            var found = await client.ListModelUsageAsync(by, from, null, parsed.GetValue(Run), cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingModelUsage);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(
                [by.ToUpperInvariant(), "CALLS", "FAILED", "IN", "CACHED", "OUT", "COST $", "SAVED $", "MS"],
                found.Items.Select(Row));
            return ExitCode.Ok;
        });

    private static string[] Row(ModelUsage u) =>
    [
        u.Name.Length > 0 ? u.Name : "-", Number(u.Calls), Number(u.Failed), Number(u.InputTokens),
        u.PromptHitRate is { } rate ? rate.ToString("P0", CultureInfo.InvariantCulture) : "-",
        Number(u.OutputTokens), Money(u.CostUsd), Money(u.SavedUsd),
        u.MeanMs.ToString("0.#", CultureInfo.InvariantCulture),
    ];

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    // every place that is not zero: what is shown is what was spent
    internal static string Money(decimal usd) =>
        usd.ToString("0.00##########", CultureInfo.InvariantCulture);

    private static Option<string> Choice()
    {
        var by = new Option<string>("--by")
        {
            Description = $"What is summed together: {string.Join(", ", Groups)}; model unless said.",
            HelpName = "WHAT", DefaultValueFactory = _ => "model",
        };
        return by.AcceptOnlyFromAmong(Groups);
    }
}
