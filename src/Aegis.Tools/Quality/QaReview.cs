using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Quality;

/// <param name="Ruleset">default (errors block), strict (warnings too, and scanners must have run) or
/// complete (strict, with every scanner),
/// auditor (errors block, with licences).</param>
/// <param name="Cwd">The folder to review, at or below /work.</param>
/// <param name="Paths">Only these files and folders, relative to Cwd.</param>
/// <param name="SonarReport">A file with SonarQube's findings, relative to Cwd.</param>
public sealed record QaReviewInput(
    [property: RegularExpression("default|strict|complete|auditor",
        ErrorMessage = "ruleset is default, strict, complete or auditor")]
    string Ruleset = "default",
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: Length(0, QaReview.PathsMax)] ImmutableArray<string>? Paths = null,
    string? SonarReport = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        QaReview.Misplaced((Paths ?? []).Concat(SonarReport is null ? [] : [SonarReport]));
}

/// <summary>Reviews a repository with every scanner that applies. Blocking findings make the step fail; a
/// scanner that did not run has passed nothing.</summary>
public sealed class QaReview : Tool<QaReviewInput>
{
    public const int PathsMax = 100;

    public override ToolDescriptor Descriptor { get; } =
        new("qa.review", "tools:quality", ToolEffect.Idempotent,
        "Reviews the repository with a secret scan and each scanner that is there; SARIF.",
            UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(QaReviewInput input, Execution execution,
        CancellationToken cancel)
    {
        var (end, error) = await Review.RunAsync(
            new ReviewOrder(input.Ruleset, input.Cwd, input.Paths ?? [], input.SonarReport), execution,
                cancel);
        if (end is null)
        {
            return ToolResult.Fail(error!);
        }
        var blocked = ErrorOf(end);
        return new ToolResult(blocked is null, end.Text, ReviewOutputs.Of(end), null, blocked);
    }

    /// <summary>Why it did not pass; null where it did.</summary>
    internal static AegisError? ErrorOf(ReviewEnd end) => end.Verdict.Passed ? null
        : end.Verdict.Blocking.IsEmpty ? ReviewErrors.Missing(end.Rules.Name, end.Verdict)
        : ReviewErrors.Blocked(end.Rules.Name, end.Verdict);

    internal static IEnumerable<ValidationResult> Misplaced(IEnumerable<string> paths)
    {
        if (paths.Any(path => string.IsNullOrEmpty(path) || path.Length > WorkPath.LengthMax || path[0] == '/'
            || path.Split('/').Contains("..") || path.Contains('\0', StringComparison.Ordinal)))
        {
            yield return new ValidationResult("a path is relative to cwd and does not leave it");
        }
    }
}
