using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis budgets</c>: what may be spent, and what is left of it.</summary>
internal static class BudgetsCommand
{
    public static Command Build(CommandDesk desk) => desk.Online(
        new Verb("budgets", "The limits that bound your calls, and what is left of them.", "aegis budgets",
            "aegis budgets --json"), (client, parsed, cancel) => ListAsync(desk, client, parsed, cancel));

    private static async Task<int> ListAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.ListBudgetsAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingBudget);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["OF", "HOLDER", "A", "UNIT", "LIMIT", "SPENT", "HELD", "LEFT", "UNTIL"],
            found.Items.Select(b => new[]
            {
                b.Scope, b.Holder, b.Period, b.Unit, Amount(b.Limit), Amount(b.Spent), Amount(b.Held),
                Amount(b.Left),
                b.EndsAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "",
            }));
        return ExitCode.Ok;
    }

    private static string Amount(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);
}
