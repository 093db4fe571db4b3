using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Client;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis policy explain|test|replay</c>: the gate's decision without the call.</summary>
internal static class PolicyCommand
{
    private static readonly Argument<string> Tool =
        new("TOOL") { Description = "The tool, such as git.push." };

    private static readonly Argument<string> File =
        new("FILE") { Description = "The profile, a YAML file." };

    private static readonly Option<string[]> Allowlist = new("--allowlist")
    {
        Description = "An allowlist.json to test too.",
        HelpName = "FILE",
    };

    private static readonly Option<string> Since = new("--since")
    {
        Description = "Runs that began from then on: a time, or how long ago, such as 7d or 12h.",
        HelpName = "TIME",
        Required = true,
    };

    private static readonly Option<string?> Candidate = new("--profile")
    {
        Description = "The changed profile; else the stored one.",
        HelpName = "FILE",
    };

    public static Command Build(CommandDesk desk)
    {
        var test = new Verb("test", "Run the examples in a profile's rules, offline.",
            "aegis policy test profile.yaml",
            "aegis policy test profile.yaml --allowlist allowlist.json") { File, Allowlist };
        test.SetAction((parsed, _) => Task.FromResult(Test(desk, parsed)));
        return new Command("policy", "The gate's decisions: explained, tested, replayed.")
        {
            desk.Online(new Verb("explain", "What the gate would decide on a call, and by which rules.",
                "aegis policy explain ping",
                "aegis policy explain shell.exec --input \"cmd=git push -f\" --allow-command \"git push\"")
            {
                Tool, ToolsCommand.Input, ToolsCommand.Allow, ToolsCommand.Egress,
            }, (client, parsed, cancel) => ExplainAsync(desk, client, parsed, cancel)),
            test,
            desk.Online(new Verb("replay", "What a profile would have decided on the calls of the past.",
                "aegis policy replay --since 7d --profile profile.yaml") { Since, Candidate },
                (client, parsed, cancel) => ReplayAsync(desk, client, parsed, cancel)),
        };
    }

    private static async Task<int> ExplainAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var told = await client.ExplainCallAsync(new ExplainCall(parsed.GetRequiredValue(Tool),
            ToolsCommand.ToolInput(parsed.GetValue(ToolsCommand.Input) ?? []), ToolsCommand.Policy(parsed)),
            cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(told, ClientJson.Default.CallExplanation);
        }
        else
        {
            desk.Terminal.Table(["STAGE", "SAYS", "RULE", "OF", "REASON"], told.Rules.Select(r =>
                new[] { r.Stage, r.Decision, r.Rule, r.Judged, r.Reason }));
            if (told.Quotas.Count > 0)
            {
                desk.Terminal.Table(
                    ["QUOTA", "OF", "A", "LIMIT", "LEFT", "CALL"], told.Quotas.Select(q => new[]
                {
                    q.Quota, q.Holder, q.Period, $"{q.Limit}", $"{q.Left}",
                    q.Wanted is { } wanted ? $"{(q.Refuses ? "refused: " : "")}at most {wanted}" : "",
                }));
            }
            desk.Terminal.Out.WriteLine($"{told.Decision}, by {told.Rule ?? told.Stage}");
            if (told.Error is { } e)
            {
                Failure.Write(desk.Terminal.Error, e.Code, e.Message, e.Expected, e.Got, e.Mend);
            }
        }
        return told.Decision == "allow" ? ExitCode.Ok : ExitCode.Denied;
    }

    private static int Test(CommandDesk desk, ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(File);
        var read = ProfileParser.Parse(Files.ReadText(path, ProfileParser.CharsMax * 4), path);
        List<Diagnostic> errors = [.. read.Errors];
        foreach (var list in parsed.GetValue(Allowlist) ?? [])
        {
            errors.AddRange(TierBookParser.Parse(
                Files.ReadText(list, TierBookParser.CharsMax * 4), list).Errors);
        }
        var rules = read.Value?.Policies.Rules ?? [];
        var examples = rules.Sum(r => r.Examples.Length);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Out.WriteLine(new JsonObject
            {
                ["rules"] = rules.Length,
                ["examples"] = examples,
                ["errors"] = new JsonArray([.. errors.Select(Shown)]),
            }.ToJsonString());
        }
        else
        {
            errors.ForEach(e => desk.Terminal.Error.WriteLine(e.ToString()));
            desk.Terminal.Out.WriteLine($"{rules.Length} rules, {examples} examples, {errors.Count} errors");
        }
        return errors.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static JsonObject Shown(Diagnostic e) => new()
    {
        ["file"] = e.At.File,
        ["line"] = e.At.Line,
        ["column"] = e.At.Column,
        ["code"] = e.Error.Code,
        ["message"] = e.Error.Message,
        ["expected"] = e.Error.Expected,
        ["got"] = e.Error.Got,
        ["mend"] = e.Error.Mend,
    };

    private static async Task<int> ReplayAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var profile = parsed.GetValue(Candidate) is { } file
            ? Files.ReadText(file, ProfileParser.CharsMax * 4) : null;
        var replay = await client.ReplayPolicyAsync(
            new ReplayPolicy(Moment(parsed.GetRequiredValue(Since)), profile), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(replay, ClientJson.Default.PolicyReplay);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["RUN", "STEP", "TOOL", "WAS", "WOULD", "RULE", "REASON"],
            replay.Changed.Select(c => new[]
            {
                c.RunId, $"{c.StepId}.{c.Attempt}", c.Tool, c.Was, c.Would, c.Rule ?? "", c.Reason ?? "",
            }));
        desk.Terminal.Out.WriteLine(
            $"{replay.Calls} calls of {replay.Runs} runs judged again, {replay.Changed.Count} otherwise, "
            + $"{replay.Skipped} skipped{(replay.More ? "; there are more" : "")}");
        return ExitCode.Ok;
    }

    internal static DateTimeOffset Moment(string text) =>
        Duration.TryParse(text, out var ago) ? TimeProvider.System.GetUtcNow() - ago
        : DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new CliException(ExitCode.Usage, "AEGIS7010", $"--since {text} is no time",
            "a time such as 2026-01-02T03:04:05Z, or how long ago, such as 12h");
}
