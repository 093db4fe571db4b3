using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis tier list|set|set-key</c>: the installation's tiers, and whose they are.</summary>
internal static class TierCommands
{
    private const string None = "none";

    private static readonly Argument<string> Tenant = new("TENANT") { Description = "The tenant's id." };
    private static readonly Argument<string> Key =
        new("KEY_ID") { Description = "As aegis key list shows it." };

    private static readonly Argument<string> Tier =
        new("TIER") { Description = "As aegis tier list shows it; none takes it away." };

    public static Command Build(CommandDesk desk) => new("tier", "Tiers: command lists and quotas.")
    {
        desk.Online(new Verb("list", "List the tiers.", "aegis tier list"),
            (client, parsed, cancel) => ListAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("set", "Give a tenant a tier; for the installation's operator.",
            "aegis tier set acme basico") { Tenant, Tier }, async (client, parsed, cancel) =>
        {
            await client.SetTenantTierAsync(parsed.GetRequiredValue(Tenant), Named(parsed), cancel);
            return Said(desk, parsed, parsed.GetRequiredValue(Tenant));
        }),
        desk.Online(new Verb("set-key", "Give a key a tier beside its tenant's.",
            "aegis tier set-key key_01J8 gratis") { Key, Tier }, async (client, parsed, cancel) =>
        {
            await client.SetKeyTierAsync(parsed.GetRequiredValue(Key), Named(parsed), cancel);
            return Said(desk, parsed, parsed.GetRequiredValue(Key));
        }),
    };

    private static int Said(CommandDesk desk, ParseResult parsed, string holder)
    {
        var tier = Named(parsed);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Out.WriteLine(
                new JsonObject { ["holder"] = holder, ["tier"] = tier }.ToJsonString());
        }
        else
        {
            desk.Terminal.Out.WriteLine(
                Terminal.Visible(tier is null ? $"{holder} has no tier" : $"{holder} has the tier {tier}"));
        }
        return ExitCode.Ok;
    }

    private static string? Named(ParseResult parsed) =>
        parsed.GetRequiredValue(Tier) is var name && name == None ? null : name;

    private static async Task<int> ListAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.ListTiersAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingTier);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["TIER", "QUOTAS", "COMMANDS"],
            found.Items.Select(t => new[]
            {
                t.Name, string.Join(" · ", Quotas(t)), string.Join(" · ", t.Commands),
            }));
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Quotas(Tier t)
    {
        (decimal? Most, string Unit)[] all =
        [
            (t.CallsMinute, "calls/minute"), (t.CallsDay, "calls/day"), (t.CallsMonth, "calls/month"),
            (t.CallsTotal, "calls"), (t.TokensDay, "tokens/day"), (t.TokensMonth, "tokens/month"),
            (t.TokensTotal, "tokens"), (t.UsdDay, "USD/day"), (t.UsdMonth, "USD/month"), (t.UsdTotal, "USD"),
        ];
        return all.Where(q => q.Most is not null).Select(q =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{q.Most} {q.Unit}"));
    }
}
