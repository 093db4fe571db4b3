using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Runs.Audits;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Quality;

/// <param name="Cwd">The folder to audit, at or below /work.</param>
/// <param name="Paths">Only these files and folders, relative to Cwd. An audit of a part lifts no veto on the
/// whole.</param>
/// <param name="Opinion">Findings of a model, added to those of the scanners.</param>
public sealed record AuditScanInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: Length(0, QaReview.PathsMax)] ImmutableArray<string>? Paths = null,
    AuditOpinion? Opinion = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var results = QaReview.Misplaced(Paths ?? []).ToList();
        foreach (var finding in Opinion?.Findings ?? [])
        {
            Validator.TryValidateObject(finding, new ValidationContext(finding), results, true);
        }
        if (Opinion?.Findings.Length > AuditOpinion.FindingsMax)
        {
            results.Add(new ValidationResult($"an opinion has at most {AuditOpinion.FindingsMax} findings"));
        }
        return results;
    }
}

/// <summary>The Auditor: the review by the rule set <c>auditor</c>, whose verdict is a fact of the run. While
/// it stands against a tree, the gate lets nothing out of the run.</summary>
public sealed class AuditScan : Tool<AuditScanInput>
{
    public const string Ruleset = AuditVeto.RulesetRequired;

    public override ToolDescriptor Descriptor { get; } =
        new("audit.scan", "tools:quality", ToolEffect.Idempotent,
            "Audits the repository with every scanner; its verdict stops pushes and deployments until "
                + "it passes.",
            UsesWorkspace: true) { NeedsRun = true };

    protected override async ValueTask<ToolResult> InvokeAsync(AuditScanInput input, Execution execution,
        CancellationToken cancel)
    {
        var paths = input.Paths ?? [];
        var rules = await execution.AuditRulesAsync(cancel);
        var (end, error) = await Review.RunAsync(
            new ReviewOrder(Ruleset, input.Cwd, paths, Opinion: input.Opinion, Rules: rules),
            execution, cancel);
        WorkPath.TryResolve(input.Cwd, out var tree, out _);
        if (end is null)
        {
            // what cannot be audited has not passed
            var broken = new AuditVerdict(tree ?? input.Cwd, AuditVerdict.Broken, Ruleset, rules.Hash, 0, 0,
                null,
                paths.IsEmpty ? null : paths);
            return ToolResult.Fail(error!) with { Audit = broken };
        }
        var status = !end.Verdict.Blocking.IsEmpty ? AuditVerdict.Vulnerable
            : end.Verdict.Passed ? AuditVerdict.Clean : AuditVerdict.Broken;
        var verdict = new AuditVerdict(tree!, status, Ruleset, end.Rules.Hash, end.Verdict.Blocking.Length,
            end.Findings.Length, end.Kept?.ContentHash, paths.IsEmpty ? null : paths);
        var outputs = JsonNode.Parse(ReviewOutputs.Of(end).GetRawText())!.AsObject();
        outputs["build_status"] = status;
        outputs["ruleset_hash"] = end.Rules.Hash;
        return new ToolResult(verdict.Passed, $"{end.Text}\nbuild_status: {status}",
            JsonSerializer.SerializeToElement(outputs), null, QaReview.ErrorOf(end)) { Audit = verdict };
    }
}
