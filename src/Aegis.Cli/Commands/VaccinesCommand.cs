using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis vaccines list|show|search|add|revoke|report|promote</c>: what was learned from
/// failures.</summary>
internal static class VaccinesCommand
{
    private const int CodeBytesMax = 256 * 1024;

    private static readonly Argument<string> Id =
        new("VACCINE") { Description = "As vaccines list shows it." };
    private static readonly Argument<string> Words = new("QUERY") { Description = "What is to be done." };
    private static readonly Option<string?> Status =
        Of("--status", "proposed, active, faded or revoked.", "STATE");
    private static readonly Option<string?> Scope = Of("--scope", "project, tenant or global.", "SCOPE");
    private static readonly Option<string?> Language = Of("--language", "Such as python.", "NAME");
    private static readonly Option<string> Reason = Needed("--reason", "Why.", "TEXT");
    private static readonly Option<string> Pattern = Needed("--pattern", "The mistake, in words.", "TEXT");
    private static readonly Option<string> Solution = Needed("--solution", "What to do instead.", "TEXT");
    private static readonly Option<string?> Severity =
        Of("--severity", "low, medium, high or critical.", "WORD");
    private static readonly Option<string?> Failing =
        Of("--failing", "A file with the code that failed.", "FILE");
    private static readonly Option<string?> Fixed = Of("--fixed", "A file with the mended code.", "FILE");
    private static readonly Option<string?> Path = Of("--path", "The file that the code stood in.", "PATH");
    private static readonly Option<string?> Check = Of("--check", "How it is seen, JSON.", "JSON");

    private static readonly Option<int?> Budget = new("--budget")
    {
        Description = "Tokens that they may take of a prompt.", HelpName = "TOKENS",
    };

    public static Command Build(CommandDesk desk) => new("vaccines", "What was learned from failures.")
    {
        desk.Online(new Verb("list", "List vaccines, the newest first.",
            "aegis vaccines list --status active")
        {
            Status, Scope,
        }, async (client, parsed, cancel) => List(desk, parsed, await client.ListVaccinesAsync(
            parsed.GetValue(Status), parsed.GetValue(Scope), cancel))),
        desk.Online(new Verb("search", "Those that matter for a task, best first.",
            "aegis vaccines search \"query the users table\" --language javascript")
        {
            Words, Language, Budget,
        }, async (client, parsed, cancel) => List(desk, parsed, await client.SearchVaccinesAsync(
            parsed.GetRequiredValue(Words), parsed.GetValue(Language), parsed.GetValue(Budget), cancel))),
        desk.Online(
            new Verb("show", "Show one.", "aegis vaccines show vac_01jd9t8w5c3n6k1m0q7xh2v4zb") { Id },
            async (client, parsed, cancel) =>
                Said(desk, parsed, await client.GetVaccineAsync(parsed.GetRequiredValue(Id), cancel))),
        Add(desk),
        Act(desk, "revoke", "Take one back, for good.",
            (client, id, why, cancel) => client.RevokeVaccineAsync(id, why, cancel)),
        Act(desk, "report", "Say that one stopped good code; it stays in force.",
            (client, id, why, cancel) => client.ReportVaccineAsync(id, why, cancel)),
        desk.Online(new Verb("promote", "Make a project's its tenant's, or a global one valid.",
            "aegis vaccines promote vac_01jd9t8w5c3n6k1m0q7xh2v4zb") { Id }, async (client, parsed, cancel) =>
                Said(desk, parsed, await client.PromoteVaccineAsync(parsed.GetRequiredValue(Id), cancel))),
    };

    private static Command Add(CommandDesk desk) => desk.Online(
        new Verb("add", "Make a vaccine of a failure; its check is tested on the two files.",
            "aegis vaccines add --pattern \"SQL built from parts\" --solution \"Pass parameters\" "
            + "--failing bad.js --fixed good.js --path src/users.js --scope tenant")
        {
            Pattern, Solution, Severity, Scope, Language, Failing, Fixed, Path, Check,
        },
        async (client, parsed, cancel) => Said(desk, parsed, await client.MintVaccineAsync(new MintVaccine(
            parsed.GetRequiredValue(Pattern), parsed.GetRequiredValue(Solution), parsed.GetValue(Scope),
            parsed.GetValue(Severity), null, parsed.GetValue(Language), null, Code(parsed, Failing),
            Code(parsed, Fixed), parsed.GetValue(Path), CheckOf(parsed)), cancel)));

    private static Command Act(CommandDesk desk, string name, string says,
        Func<AegisClient, string, string, CancellationToken, Task<Vaccine>> act) => desk.Online(
        new Verb(name, says,
            $"aegis vaccines {name} vac_01jd9t8w5c3n6k1m0q7xh2v4zb --reason \"it stops docs\"")
        {
            Id, Reason,
        },
        async (client, parsed, cancel) => Said(desk, parsed, await act(
            client, parsed.GetRequiredValue(Id), parsed.GetRequiredValue(Reason), cancel)));

    private static string? Code(ParseResult parsed, Option<string?> file) =>
        parsed.GetValue(file) is { } path ? Files.ReadText(path, CodeBytesMax) : null;

    private static JsonElement? CheckOf(ParseResult parsed)
    {
        if (parsed.GetValue(Check) is not { } json)
        {
            return null;
        }
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", "--check is no JSON",
                """write an object, such as {"kind":"command","command":"git push --force"}""");
        }
    }

    private static int List(CommandDesk desk, ParseResult parsed, Listing<Vaccine> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingVaccine);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(
            ["VACCINE", "SCOPE", "STATUS", "SEVERITY", "HITS", "STOPPED", "EFFICACY", "MISTAKE"],
            found.Items.Select(v => new[]
            {
                v.VaccineId, v.Scope, v.Status, v.Payload.Severity, $"{v.Hits}", $"{v.Prevented}",
                v.Efficacy?.ToString("0.00", CultureInfo.InvariantCulture) ?? "", v.Payload.ErrorPattern,
            }));
        return ExitCode.Ok;
    }

    private static int Said(CommandDesk desk, ParseResult parsed, Vaccine v) => desk.Write(parsed, v,
        ClientJson.Default.Vaccine, Terminal.Visible(
            $"{v.VaccineId} ({v.Scope}, {v.Status}, {v.Payload.Severity}): {v.Payload.ErrorPattern}. "
            + $"Instead: {v.Payload.SolutionInstruction} Seen {v.Hits}, stopped {v.Prevented}, made again "
            + $"{v.Recurred}, stopped good code {v.BlockedGood}; "
            + (v.Check is { } check ? $"check {check.GetRawText()}" : "without a check")));

    private static Option<string?> Of(string name, string says, string value) =>
        new(name) { Description = says, HelpName = value };

    private static Option<string> Needed(string name, string says, string value) =>
        new(name) { Description = says, HelpName = value, Required = true };
}
