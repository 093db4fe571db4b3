using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Aegis.Tools.Forge;

/// <summary>What a check run shows.</summary>
/// <param name="Conclusion">GitHub's; only with completed. Without it: of the outcome, else of the findings
/// (failure with an error, neutral with any, else success).</param>
/// <param name="Outcome">A step's.</param>
/// <param name="Sarif">A review's log, such as <c>steps.ID.outputs.sarif</c>.</param>
/// <param name="Findings">A review's list, for where the log was too long.</param>
/// <param name="Folder">The reviewed folder, relative to the repository.</param>
public abstract record CheckRunInput(
    [property: RegularExpression("queued|in_progress|completed",
        ErrorMessage = "status is queued, in_progress or completed")]
    string Status,
    [property: RegularExpression("action_required|cancelled|failure|neutral|success|skipped|timed_out",
        ErrorMessage = "conclusion is action_required, cancelled, failure, neutral, success, skipped or "
            + "timed_out")]
    string? Conclusion,
    [property: RegularExpression("success|failure|cancelled|skipped",
        ErrorMessage = "outcome is success, failure, cancelled or skipped")]
    string? Outcome,
    [property: StringLength(255, MinimumLength = 1)] string? Title,
    [property: StringLength(60_000)] string? Summary,
    [property: StringLength(60_000)] string? Text,
    [property: StringLength(2_048), RegularExpression("https?://.+",
        ErrorMessage = "details_url is an http or https address")]
    string? DetailsUrl,
    JsonElement? Sarif,
    JsonElement? Findings,
    [property: StringLength(1_024)] string Folder) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Conclusion is not null && Outcome is not null)
        {
            yield return new ValidationResult("give conclusion or outcome, not both");
        }
        if (Status != "completed" && (Conclusion ?? Outcome) is not null)
        {
            yield return new ValidationResult("only a completed check has a conclusion or an outcome");
        }
        if (Folder.StartsWith('/') || Folder.Split('/').Contains(".."))
        {
            yield return new ValidationResult("folder is relative to the repository");
        }
    }
}

/// <param name="Sha">Default: the commit that the run was started at.</param>
public sealed record CheckRunCreateInput(
    [property: StringLength(100, MinimumLength = 1)] string Name,
    [property: RegularExpression("[0-9a-f]{40}", ErrorMessage = "sha is 40 hex digits")]
    string? Sha = null,
    string Status = "completed", string? Conclusion = null, string? Outcome = null, string? Title = null,
    string? Summary = null, string? Text = null, string? DetailsUrl = null, JsonElement? Sarif = null,
    JsonElement? Findings = null, string Folder = "")
    : CheckRunInput(Status, Conclusion, Outcome, Title, Summary, Text, DetailsUrl, Sarif, Findings, Folder);

/// <param name="Id">Of the check run: <c>outputs.id</c> of the step that made it.</param>
public sealed record CheckRunUpdateInput(
    [property: Range(1, long.MaxValue)] long Id,
    string Status = "completed", string? Conclusion = null, string? Outcome = null, string? Title = null,
    string? Summary = null, string? Text = null, string? DetailsUrl = null, JsonElement? Sarif = null,
    JsonElement? Findings = null, string Folder = "")
    : CheckRunInput(Status, Conclusion, Outcome, Title, Summary, Text, DetailsUrl, Sarif, Findings, Folder);
