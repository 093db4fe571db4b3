using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models route</c>: what the router would do with a call, which is not made.</summary>
internal static class ModelRouteCommand
{
    private const string Everything = "auto";

    private static readonly Argument<string> Model = new("MODEL")
    {
        Description = "An alias of the profile, a model, provider/model, or auto; auto unless said.",
        DefaultValueFactory = _ => Everything,
    };

    private static readonly Option<bool> Explain =
        new("--explain") { Description = "Each candidate with the parts of its score, or why it is out." };

    private static readonly Option<string?> Provider =
        new("--provider") { Description = "Only models of this provider.", HelpName = "NAME" };

    private static readonly Option<string?> Task =
        new("--task") { Description = "What the call is for.", HelpName = "TASK" };

    private static readonly Option<bool> Tools = new("--tools") { Description = "The call has tools." };

    private static readonly Option<bool> Schema =
        new("--json-schema") { Description = "The answer has a form to follow." };

    private static readonly Option<int?> Images =
        new("--images") { Description = "Images in the prompt.", HelpName = "N" };

    private static readonly Option<int?> PromptTokens =
        new("--prompt-tokens") { Description = "About so many tokens of the prompt.", HelpName = "N" };

    private static readonly Option<int?> MaxTokens =
        new("--max-tokens") { Description = "The longest answer.", HelpName = "N" };

    private static readonly Option<string?> Seed = new("--seed")
    {
        Description = "Of a choice by score, as the ledger has it of a call.", HelpName = "N",
    };

    public static Command Route(CommandDesk desk) => desk.Online(
        new Verb("route", "Show which models a call would ask now, in order; nothing is called.",
            "aegis models route fast",
            "aegis models route auto --explain --task coding --tools --prompt-tokens 20000")
        {
            Model, Explain, Provider, Task, Tools, Schema, Images, PromptTokens, MaxTokens, Seed,
        },
        async (client, parsed, cancel) =>
        {
            var told = await client.ExplainRouteAsync(new ExplainRoute(parsed.GetRequiredValue(Model),
                parsed.GetValue(Provider), parsed.GetValue(Task), parsed.GetValue(PromptTokens),
                parsed.GetValue(MaxTokens), parsed.GetValue(Tools), parsed.GetValue(Schema),
                parsed.GetValue(Images), parsed.GetValue(Seed)), cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(told, ClientJson.Default.RouteOutlook);
            }
            else
            {
                Show(desk.Terminal, told, parsed.GetValue(Explain));
            }
            return told.Error is null ? ExitCode.Ok : ExitCode.Failed;
        });

    private static void Show(Terminal terminal, RouteOutlook told, bool explained)
    {
        if (explained)
        {
            terminal.Out.WriteLine(Terminal.Visible(Head(told)));
            terminal.Table(["", "MODEL", "SCORE", "QUALITY", "LATENCY", "COST", "AVAILABLE", ""],
                told.Candidates.Select(c => Row(c, told)));
            if (told.LeftOut > 0)
            {
                terminal.Out.WriteLine($"and {told.LeftOut} more");
            }
        }
        else
        {
            foreach (var stop in told.Chain)
            {
                terminal.Out.WriteLine(Terminal.Visible($"{stop.Provider}/{stop.Model}"
                    + (stop.PassedOver is { } why ? $"  passed over: {why.Code}: {why.Message}" : "")));
            }
        }
        if (told.Error is { } e)
        {
            Failure.Write(terminal.Error, e.Code, e.Message, e.Expected, e.Got, e.Mend);
        }
    }

    private static string Head(RouteOutlook told) => string.Join(", ", new[]
    {
        $"{told.Model} for {told.TaskType}: {told.Mode}",
        told.Replaced is { } named ? $"in the place of {named}" : null,
        told.Seed is { } seed ? $"seed {seed}" : null,
        told.BudgetLeftUsd is { } left ? $"${ModelUsageCommand.Money(left)} left" : null,
        $"at {told.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
    }.Where(part => part is not null));

    private static string[] Row(RouteCandidate c, RouteOutlook told) =>
    [
        c.Rank is { } rank ? rank.ToString(CultureInfo.InvariantCulture) : "-", $"{c.Provider}/{c.Model}",
        Number(c.Score),
        c.Quality is null ? "" : $"{Number(c.Quality)} ({Number(c.QualityMean)} ± "
            + $"{Number(c.QualityDeviation)}, {Number(c.Evidence, "0.0")})",
        c.Latency is null ? "" : $"{Number(c.Latency)} ({Number(c.ExpectedMs, "0")} ms)",
        c.Cost is null ? "" : $"{Number(c.Cost)} ("
            + (c.ExpectedUsd is { } usd ? $"${Number(usd, "0.000000")}" : "price unknown") + ")",
        Number(c.Availability),
        c.Reason ?? PassedOver(c, told) ?? "",
    ];

    private static string? PassedOver(RouteCandidate c, RouteOutlook told) => told.Chain
        .FirstOrDefault(s => s.Provider == c.Provider && s.Model == c.Model)?.PassedOver is { } why
        ? $"passed over: {why.Message}" : null;

    private static string Number(double? number, string form = "0.000") =>
        number?.ToString(form, CultureInfo.InvariantCulture) ?? "";
}
