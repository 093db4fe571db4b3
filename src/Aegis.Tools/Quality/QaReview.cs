using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Files;

namespace Aegis.Tools.Quality;

/// <param name="Ruleset">default (errors block), strict (warnings too, and scanners must have run) or
/// complete (strict, with every scanner).</param>
/// <param name="Cwd">The folder to review, at or below /work.</param>
/// <param name="Paths">Only these files and folders, relative to Cwd.</param>
/// <param name="SonarReport">A file with SonarQube's findings, relative to Cwd.</param>
public sealed record QaReviewInput(
    [property: RegularExpression("default|strict|complete",
        ErrorMessage = "ruleset is default, strict or complete")]
    string Ruleset = "default",
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: Length(0, QaReview.PathsMax)] ImmutableArray<string>? Paths = null,
    string? SonarReport = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Paths ?? []).Concat(SonarReport is null ? [] : [SonarReport]).Any(path =>
            string.IsNullOrEmpty(path) || path.Length > WorkPath.LengthMax
            || path[0] == '/'
            || path.Split('/').Contains("..") || path.Contains('\0', StringComparison.Ordinal)))
        {
            yield return new ValidationResult("a path is relative to cwd and does not leave it");
        }
    }
}

/// <summary>Reviews a repository with every scanner that applies. Blocking findings make the step fail; a
/// scanner that did not run has passed nothing.</summary>
public sealed partial class QaReview : Tool<QaReviewInput>
{
    public const int PathsMax = 100;
    private const int ShownMax = 50;

    public override ToolDescriptor Descriptor { get; } =
        new("qa.review", "tools:quality", ToolEffect.Idempotent,
        "Reviews the repository with a secret scan and each scanner that is there; SARIF.",
            UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(QaReviewInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var rules = RuleSet.Find(input.Ruleset)
            ?? throw new InvariantViolationException($"no rule set {input.Ruleset}");
        var secrets = new SecretScan();
        var modules = new HashSet<string>(StringComparer.Ordinal);
        (var tree, error) = await ReviewTree.ReadAsync(cwd, input.Paths ?? [], execution, (path, text) =>
        {
            secrets.Read(path, text);
            if (path.EndsWith(".mjs", StringComparison.Ordinal) || ModuleLine().IsMatch(text))
            {
                modules.Add(path);
            }
        }, cancel);
        if (tree is null)
        {
            return ToolResult.Fail(error!);
        }
        var reports = new List<ScannerReport> { secrets.Report(tree.Unread) };
        foreach (var scanner in (Scanner[])[new EslintScanner(modules), new BanditScanner(),
            new ShellcheckScanner(), .. SarifTool.All.Select(tool => new SarifScanner(tool)),
            new NpmAuditScanner(), new SonarScanner(input.SonarReport)])
        {
            reports.Add(await scanner.ScanAsync(tree, execution, cancel));
        }
        return await JudgeAsync(rules, tree, reports, execution, cancel);
    }

    private static async ValueTask<ToolResult> JudgeAsync(RuleSet rules, ReviewTree tree,
        List<ScannerReport> reports, Execution execution, CancellationToken cancel)
    {
        ImmutableArray<ScannerRun> scanners = [.. reports.Select(report => report.Run)];
        ImmutableArray<Finding> findings = [.. reports.SelectMany(report => report.Findings)
            .OrderByDescending(f => f.Severity).ThenBy(f => f.File, StringComparer.Ordinal)
                .ThenBy(f => f.Line)];
        var verdict = ReviewVerdict.Of(rules, tree.Kinds, scanners, findings);
        var sarif = SarifLog.Of(scanners, findings);
        var (outputs, sarifCut) = ReviewOutputs.Of(rules.Name, verdict, scanners, findings, sarif);
        var text = Text(rules, verdict, scanners, findings);
        execution.Log(text);
        await StepReport.KeepAsync(execution, "sarif", sarif, cancel);
        if (sarifCut)
        {
            execution.Log(sarif.GetRawText());
        }
        var error = verdict.Passed ? null
            : verdict.Blocking.IsEmpty ? ReviewErrors.Missing(rules.Name, verdict)
            : ReviewErrors.Blocked(rules.Name, verdict);
        return new ToolResult(error is null, text, outputs, null, error);
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
