using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Vaccines;

/// <param name="ErrorLog">What the failing command or the auditor said.</param>
/// <param name="FailingCode">The code that went wrong; for a check of a command the command line.</param>
/// <param name="ErrorPattern">The mistake in words that fit other code too: no names of this project.</param>
/// <param name="SolutionInstruction">What to do instead.</param>
/// <param name="OriginAgent">Who made the mistake.</param>
/// <param name="FixedCode">The same code as it should have been: the check must leave it alone.</param>
/// <param name="Path">The file that it stood in, relative to the workspace.</param>
/// <param name="Language">Left out: by the path.</param>
/// <param name="Check">How the mistake is seen, an object with kind: pattern, rule, command or dependency.
/// Left out: the rule of the built-in scan that hits the failing code alone, where there is one.</param>
/// <param name="Scope">Whom it binds. A global one waits for the operator.</param>
/// <param name="Embedding">An embedding model of the profile, for searches by meaning.</param>
public sealed record VaccineMintInput(
    [property: StringLength(VaccineLimits.ErrorLogCharsMax)] string ErrorLog,
    [property: StringLength(VaccineLimits.CodeCharsMax)] string FailingCode,
    [property: StringLength(VaccineLimits.PatternCharsMax, MinimumLength = 1)] string ErrorPattern,
    [property: StringLength(VaccineLimits.SolutionCharsMax, MinimumLength = 1)] string SolutionInstruction,
    [property: StringLength(VaccineLimits.AgentCharsMax, MinimumLength = 1)] string OriginAgent,
    VaccineSeverity Severity = VaccineSeverity.Medium,
    [property: StringLength(VaccineLimits.CodeCharsMax)] string? FixedCode = null,
    [property: StringLength(VaccineLimits.CheckTextCharsMax, MinimumLength = 1)] string? Path = null,
    [property: StringLength(VaccineLimits.AgentCharsMax, MinimumLength = 1)] string? Language = null,
    JsonElement? Check = null,
    VaccineScope Scope = VaccineScope.Project,
    [property: StringLength(Embeddings.ModelCharsMax, MinimumLength = 1)] string? Embedding = null);

/// <summary>Makes a vaccine of a failure: tested against the code that failed, merged with one alike, and in
/// force at once.</summary>
public sealed class VaccineMintTool : Tool<VaccineMintInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("vaccine.mint", "vaccines:write", ToolEffect.Idempotent,
        "Makes a vaccine of a failure: a negative constraint, enforced before the same mistake is written.");

    protected override AegisError? Judge(VaccineMintInput input) =>
        input.Check is { } check ? CheckJson.Read(check).Error : null;

    protected override async ValueTask<ToolResult> InvokeAsync(
        VaccineMintInput input, Execution execution, CancellationToken cancel)
    {
        var minted = await execution.Vaccines.MintAsync(new VaccineOrder(input.Scope, input.ErrorPattern,
            input.SolutionInstruction, input.Severity, input.OriginAgent, input.Language,
            Given(input.FailingCode), Given(input.FixedCode), input.Path, input.ErrorLog,
            input.Check is { } check ? CheckJson.Read(check).Check : null), cancel);
        var vaccine = minted.Vaccine;
        if (input.Embedding is { } model && vaccine.Scope != VaccineScope.Global)
        {
            var (vector, error) = await Embeddings.OfAsync(model, Words(vaccine), execution, cancel);
            if (error is not null)
            {
                return ToolResult.Fail(error);
            }
            await execution.Vaccines.EmbedAsync(vaccine.Id, vector!.Model, vector.Values, cancel);
        }
        return new ToolResult(true,
            $"{(minted.Merged ? "merged into" : "minted")} {vaccine.Id}: {vaccine.Line}",
            ToolJson.Element(new
            {
                vaccine_id = vaccine.Id,
                merged = minted.Merged,
                collection = vaccine.Collection,
                status = VaccineWords.Of(vaccine.Status),
                enforced = vaccine is { Status: VaccineStatus.Active, Check: not null },
                check = vaccine.Check is { } kept ? JsonElement.Parse(kept.Json) : (JsonElement?)null,
                hits = vaccine.Counts.Hits,
            }));
    }

    private static string? Given(string? code) => string.IsNullOrWhiteSpace(code) ? null : code;

    private static string Words(Vaccine vaccine) => $"{vaccine.ErrorPattern}\n{vaccine.SolutionInstruction}";
}
