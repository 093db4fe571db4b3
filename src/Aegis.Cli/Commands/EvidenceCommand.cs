using System.CommandLine;
using System.Globalization;
using Aegis.Cli.Audit;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis audit evidence|rules</c>: what the ledger shows for criteria of SOC 2, and what the
/// Auditor judges by.</summary>
internal static class EvidenceCommand
{
    private static readonly Option<string?> Controls = new("--controls")
    {
        Description = "Criteria, such as CC6.1,CC8.1; all where left out.", HelpName = "IDS",
    };

    private static readonly Option<string?> From = new("--from")
    {
        Description = "From this moment on, ISO 8601; 90 days before the end where left out.",
        HelpName = "TIME",
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "Up to this moment; now where left out.", HelpName = "TIME",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Write evidence.json, evidence.md and evidence.csv into this folder.", HelpName = "DIR",
    };

    public static Command Build(CommandDesk desk) => desk.Online(
        new Verb("evidence", "What the ledger shows for criteria of SOC 2; 1 where its chains are broken.",
            "aegis audit evidence --controls CC6.1,CC8.1 --from 2026-01-01T00:00Z",
            "aegis audit evidence --out evidence") { Controls, From, To, Out },
        async (client, parsed, cancel) =>
        {
            var found = await client.GetAuditEvidenceAsync(
                parsed.GetValue(Controls), parsed.GetValue(From), parsed.GetValue(To), cancel);
            if (parsed.GetValue(Out) is { } folder)
            {
                await EvidenceFiles.WriteAsync(folder, found, cancel);
                desk.Terminal.Error.WriteLine($"aegis: wrote evidence.json, evidence.md and evidence.csv to "
                    + folder);
            }
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.AuditEvidence);
            }
            else
            {
                Show(desk, found);
            }
            return found.Verdict.Ok ? ExitCode.Ok : ExitCode.Failed;
        });

    public static Command Rules(CommandDesk desk) => desk.Online(
        new Verb("rules", "The Auditor's rules as they are in force.", "aegis audit rules"),
        async (client, parsed, cancel) =>
        {
            var rules = await client.GetAuditRulesAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(rules, ClientJson.Default.AuditRuleSet);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["RULE", "SEVERITY", "UNTIL", "IN FORCE", "REASON"], rules.Changes.Select(
                r => new[] { r.Rule, r.Severity, r.Until ?? "", r.InForce ? "yes" : "no", r.Reason ?? "" }));
            desk.Terminal.Out.WriteLine(
                $"{rules.Ruleset} blocks from {rules.BlocksFrom}; verdicts under {rules.Hash} count");
            return ExitCode.Ok;
        });

    private static void Show(CommandDesk desk, AuditEvidence found)
    {
        desk.Terminal.Table(["CONTROL", "COUNT", "FIRST", "LAST", "WHAT IT IS"], found.Controls.Select(
            c => new[] { c.Id, c.Note ?? c.Count.ToString(CultureInfo.InvariantCulture), Time(c.First),
                Time(c.Last), c.Title }));
        foreach (var finding in found.Verdict.Findings)
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible(finding));
        }
        desk.Terminal.Out.WriteLine((found.Verdict.Ok ? "verified: " : "NOT VERIFIED: ")
            + $"{found.Verdict.Events} events in {found.Verdict.Streams} streams");
    }

    private static string Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
}
