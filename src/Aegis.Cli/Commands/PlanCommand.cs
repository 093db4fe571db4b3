using System.CommandLine;
using System.Text;
using System.Text.Json;
using Aegis.Cli.Plans;
using Aegis.Cli.Screen;
using Aegis.Client;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Drawing;
using Aegis.Core.Plans.Review;
using Aegis.Core.Profiles;
using Aegis.Core.Schedules;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis plan FILE</c>, <c>plan check</c> and <c>plan schema</c>, which need no server, and
/// <c>aegis plan status ID</c>.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string> File =
        new("FILE") { Description = "The workflow, a YAML file." };

    private static readonly Argument<string[]> Paths = new("FILE")
    {
        Description = "Workflow files.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> Id = new("PLAN") { Description = "The plan's id." };

    private static readonly Option<string?> Svg = new("--svg")
    {
        Description = "Also write the picture as SVG.", HelpName = "FILE",
    };

    private static readonly Option<bool> Ascii = new("--ascii")
    {
        Description = "Draw with ASCII. Default where the locale is not UTF-8.",
    };

    private static readonly Option<string?> ProfileFile = new("--profile")
    {
        Description = "The project's profile.yaml, with the rehearsal that it names beside it.",
        HelpName = "FILE",
    };

    internal static readonly Option<string?> ModelsFile = new("--models")
    {
        Description = "A catalogue of models over the one that is shipped.", HelpName = "FILE",
    };

    private static readonly Option<string[]> Tiers = new("--tier")
    {
        Description = "A tier that holds for the run, of the tenant or of the key.", HelpName = "NAME",
    };

    private static readonly Option<string?> AllowlistFile = new("--allowlist")
    {
        Description = "The tiers, in place of those that are shipped.", HelpName = "FILE",
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "An input of the workflow; JSON values are taken as such; name=@FILE reads a file.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Command Build(CommandDesk desk)
    {
        var check = new Verb("check", "Check workflow files; needs no server.",
            "aegis plan check ci.yaml",
            "aegis plan check workflows/build.yaml workflows/deploy.yaml --json") { Paths };
        check.SetAction(parsed => Check(desk, parsed));
        var schema = new Verb("schema", "Print the JSON schema of workflows, for editors; needs no server.",
            "aegis plan schema > workflow.schema.json");
        schema.SetAction(_ => PrintSchema(desk));
        var plan = new Verb("plan",
            "Show what a workflow would do, what its policy allows and what it costs, without running it.",
            "aegis plan ci.yaml",
            "aegis plan ci.yaml --profile profile.yaml --input version=1.2",
            "aegis plan ci.yaml --tier basico",
            "aegis plan ci.yaml --svg plan.svg",
            "aegis plan ci.yaml --json")
        {
            File, Svg, Ascii, ProfileFile, ModelsFile, Tiers, AllowlistFile, Input, check, schema,
            desk.Online(new Verb("status", "Show a plan's newest run.",
                "aegis plan status plan_01J8") { Id }, (client, parsed, cancel) =>
                StatusAsync(desk, client, parsed, cancel)),
        };
        plan.SetAction(parsed => Show(desk, parsed));
        return plan;
    }

    private static int Show(CommandDesk desk, ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(File);
        var source = Files.Read(path, Files.WorkflowBytesMax);
        var models = new ModelFiles(desk.Terminal).Read(
            parsed.GetValue(ProfileFile), parsed.GetValue(ModelsFile));
        var given = Pairs.ToJson("--input", parsed.GetValue(Input) ?? []);
        var tiers = new TierFiles(desk.Terminal).Read(
            parsed.GetValue(Tiers) ?? [], parsed.GetValue(AllowlistFile));
        if (models is null || tiers is not { } granted)
        {
            return ExitCode.Failed;
        }
        var diagnosis =
            PlanDiagnosis.Of(source, path, ToolFacts.BuiltIn, models, CronZone.IsKnown, granted);
        var inputs = diagnosis.Review is { } found ? PlanInputs.Bind(found.Plan.Inputs, given) : null;
        // what a run must be given need not be there yet; what is given must fit
        var wrong = inputs?.Errors.Where(e => e.Code != "AEGIS1033")
            .Select(e => new Diagnostic(new SourceSpan(path, 1, 1), e)) ?? [];
        Diagnostic[] errors = [.. diagnosis.Errors, .. wrong];
        if (errors.Length > 0 || diagnosis.Review is not { } review)
        {
            Report(desk, parsed, path, errors);
            return ExitCode.Failed;
        }
        WriteSvg(desk, parsed, review.Plan);
        var bound = Bound(review.Plan, given);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(PlanShape.Of(review, bound), PlanJson.Default.PlanShape);
            return ExitCode.Ok;
        }
        new PlanPage(desk.Terminal, review, parsed.GetValue(Ascii) || !desk.Terminal.IsUtf8).Write(
            [.. review.Plan.Inputs.Select(i => (i.Name, Value(i, bound)))],
            parsed.GetValue(
                ProfileFile) ?? "not given: prices are list prices, and the project's profile decides "
                + "(--profile FILE)", [.. granted.Select(t => t.Tier.Name)]);
        return ExitCode.Ok;
    }

    /// <summary>The inputs as they would be, those that are still missing left out.</summary>
    private static JsonElement? Bound(Plan plan, JsonElement? given) =>
        PlanInputs.Bind([.. plan.Inputs.Select(i => i with { Required = false })], given).Value;

    private static string Value(InputSpec input, JsonElement? bound) =>
        bound is { } all && all.GetProperty(input.Name) is { ValueKind: not JsonValueKind.Null } value
            ? value.GetRawText()
            : input.Required ? $"a {input.Type.ToString().ToLowerInvariant()}, which a run must be given"
                : "null";

    private static void WriteSvg(CommandDesk desk, ParseResult parsed, Plan plan)
    {
        if (parsed.GetValue(Svg) is not { } path)
        {
            return;
        }
        var picture = SvgPicture.Of(plan) ?? throw new CliException(ExitCode.Usage, "AEGIS7023",
            $"the plan has too many steps for a picture: at most {SvgPicture.BoxesMax} boxes are drawn",
            "leave --svg out; --json has the whole graph");
        System.IO.File.WriteAllText(path, picture, new UTF8Encoding(false));
        desk.Terminal.Error.WriteLine(Terminal.Visible($"aegis: wrote {path}"));
    }

    private static int PrintSchema(CommandDesk desk)
    {
        using var stream = typeof(Plan).Assembly.GetManifestResourceStream("contracts.workflow.schema.json")!;
        using var reader = new StreamReader(stream);
        desk.Terminal.Out.Write(reader.ReadToEnd());
        return ExitCode.Ok;
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
            if (desk.WantsJson(parsed) || !result.Ok)
            {
                Report(desk, parsed, path, result.Diagnostics);
            }
            else if (result.Plan is { } plan)
            {
                desk.Terminal.Out.WriteLine(
                    Terminal.Visible($"{path}: ok, {plan.Name}, {plan.Tasks.Length} tasks"));
            }
        }
        return wrong == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Report(CommandDesk desk, ParseResult parsed, string path,
        IReadOnlyList<Diagnostic> diagnostics)
    {
        if (desk.WantsJson(parsed))
        {
            var entries = diagnostics.Select(Entry).ToList();
            desk.Terminal.Json(new Problem(null, null, 0, path, entries.Count == 0 ? "" : "AEGIS6040", null,
                null,
                null, entries), ClientJson.Default.Problem);
            return;
        }
        desk.Terminal.Places(diagnostics);
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
