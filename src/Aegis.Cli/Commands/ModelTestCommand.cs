using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models test</c>: asks models for a short answer.</summary>
internal static class ModelTestCommand
{
    private static readonly Argument<string[]> Models = new("MODEL")
    {
        Description = "Aliases, models, or provider/model; each alias of the profile unless said.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> All =
        new("--all") { Description = "Every model of the profile's providers." };

    public static Command Test(CommandDesk desk) => desk.Online(
        new Verb("test", "Ask models for a short answer, and show how they answer; each call is paid for.",
            "aegis models test",
            "aegis models test fast groq/MODEL",
            "aegis models test --all --json") { Models, All },
        async (client, parsed, cancel) =>
        {
            var told = await client.TestModelsAsync(new TestModels(
                parsed.GetValue(Models) is { Length: > 0 } named ? named : null, parsed.GetValue(All)),
                cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(told, ClientJson.Default.ModelTests);
            }
            else
            {
                Show(desk.Terminal, told);
            }
            return told.Failed == 0 ? ExitCode.Ok : ExitCode.Failed;
        });

    private static void Show(Terminal terminal, ModelTests told)
    {
        terminal.Table(
            ["MODEL", "KIND", "STATUS", "ANSWERED", "FIRST MS", "MS", "IN", "OUT", "COST $"],
            told.Items.Select(t => new[]
            {
                t.Model, t.Kind, t.Error is { } e ? $"{t.Status} {e.Code}" : t.Status, t.Answered ?? "-",
                Ms(t.FirstTokenMs), Ms(t.TookMs), Number(t.InputTokens), Number(t.OutputTokens),
                ModelUsageCommand.Money(t.CostUsd),
            }));
        foreach (var t in told.Items)
        {
            if (t.Error is { } e)
            {
                Failure.Write(terminal.Error, e.Code, e.Message, e.Expected, e.Got, e.Mend, t.Model);
            }
        }
        if (told.LeftOut > 0)
        {
            terminal.Error.WriteLine($"{told.LeftOut} more were not asked; name them to test them");
        }
    }

    private static string Ms(double? ms) => ms?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-";

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);
}
