using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Files;

namespace Aegis.Tools.Quality;

/// <summary>What is to be reviewed, and by what.</summary>
/// <param name="Opinion">What a model adds.</param>
/// <param name="Rules">In place of those of that name.</param>
internal sealed record ReviewOrder(string Ruleset, string Cwd, ImmutableArray<string> Paths,
    string? SonarReport = null, AuditOpinion? Opinion = null, RuleSet? Rules = null);

/// <summary>What came of it.</summary>
internal sealed record ReviewEnd(RuleSet Rules, ReviewVerdict Verdict, ImmutableArray<ScannerRun> Scanners,
    ImmutableArray<Finding> Findings, string Text, JsonElement Sarif, bool SarifIsLong,
        ArtifactVersion? Kept);

/// <summary>The one way over a tree with every scanner, for reviews and audits.</summary>
internal static partial class Review
{
    private const int ShownMax = 50;

    public static async ValueTask<(ReviewEnd? End, AegisError? Error)> RunAsync(ReviewOrder order,
        Execution execution, CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(order.Cwd, out var cwd, out var error))
        {
            return (null, error);
        }
        var rules = order.Rules ?? RuleSet.Find(order.Ruleset)
            ?? throw new InvariantViolationException($"no rule set {order.Ruleset}");
        var (secrets, code, dependencies) = (new SecretScan(), new CodeScanner(), new DependencyScanner());
        var modules = new HashSet<string>(StringComparer.Ordinal);
        (var tree, error) = await ReviewTree.ReadAsync(cwd, order.Paths, execution, (path, text) =>
        {
            secrets.Read(path, text);
            code.Read(path, text);
            dependencies.Read(path, text);
            if (path.EndsWith(".mjs", StringComparison.Ordinal) || ModuleLine().IsMatch(text))
            {
                modules.Add(path);
            }
        }, cancel);
        if (tree is null)
        {
            return (null, error);
        }
        var reports = new List<ScannerReport>
        {
            secrets.Report(tree.Unread), code.Report(tree.Unread), dependencies.Report(tree),
            await dependencies.LicencesAsync(tree, rules.Licences, execution, cancel),
        };
        foreach (var scanner in (Scanner[])[new EslintScanner(modules), new BanditScanner(),
            new ShellcheckScanner(), .. SarifTool.All.Select(tool => new SarifScanner(tool)),
            new NpmAuditScanner(), new SonarScanner(order.SonarReport)])
        {
            reports.Add(await scanner.ScanAsync(tree, execution, cancel));
        }
        if (order.Opinion is { } opinion)
        {
            reports.Add(opinion.Report());
        }
        return (await JudgeAsync(rules, tree, reports, execution, cancel), null);
    }

    private static async ValueTask<ReviewEnd> JudgeAsync(RuleSet rules, ReviewTree tree,
        List<ScannerReport> reports, Execution execution, CancellationToken cancel)
    {
        ImmutableArray<ScannerRun> scanners = [.. reports.Select(report => report.Run)];
        ImmutableArray<Finding> findings = [.. reports
            .SelectMany(report => report.Findings).Select(rules.Judge)
            .OrderByDescending(f => f.Severity).ThenBy(f => f.File, StringComparer.Ordinal)
                .ThenBy(f => f.Line)];
        var verdict = ReviewVerdict.Of(rules, tree.Kinds, scanners, findings);
        var sarif = SarifLog.Of(scanners, findings);
        var text = Text(rules, verdict, scanners, findings);
        execution.Log(text);
        var kept = await StepReport.KeepAsync(execution, "sarif", sarif, cancel);
        var isLong = ReviewOutputs.IsLong(sarif);
        if (isLong)
        {
            execution.Log(sarif.GetRawText());
        }
        return new ReviewEnd(rules, verdict, scanners, findings, text, sarif, isLong, kept);
    }

    private static string Text(RuleSet rules, ReviewVerdict verdict, ImmutableArray<ScannerRun> scanners,
        ImmutableArray<Finding> findings)
    {
        var text = new StringBuilder();
        foreach (var scanner in scanners)
        {
            text.Append(scanner.Name).Append(scanner.Version is null ? "" : $" {scanner.Version}")
                .Append(": ")
                .Append(scanner.Ran ? $"{scanner.Findings} findings in {scanner.FilesScanned} files"
                    : "not run")
                .Append(scanner.Reason is null ? "\n" : $" ({scanner.Reason})\n");
        }
        foreach (var finding in findings.Take(ShownMax))
        {
            text.Append($"{finding.File}:{finding.Line}: {finding.Severity.ToString().ToLowerInvariant()} ")
                .Append($"{finding.Tool}/{finding.Rule}: {finding.Message}\n");
        }
        text.Append(findings.Length > ShownMax ? $"… and {findings.Length - ShownMax} more\n" : "");
        return text.Append($"{rules.Name}: {verdict.Blocking.Length} block").ToString();
    }

    // only modules have these statements at the beginning of a line
    [GeneratedRegex("""^(?:import\s+[\w*{"']|export\s+(?:default|const|let|var|class|function|async|[{*]))""",
        RegexOptions.Multiline)]
    private static partial Regex ModuleLine();
}
