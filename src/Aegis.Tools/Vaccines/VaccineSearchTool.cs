using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Core.Languages;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Gate.Vaccines;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Vaccines;

/// <param name="Query">What is to be done, in words.</param>
/// <param name="Language">Only what holds for this language.</param>
/// <param name="BudgetTokens">What the constraints may take of a prompt.</param>
/// <param name="Embedding">An embedding model of the profile: by meaning too.</param>
public sealed record VaccineSearchInput(
    [property: StringLength(VaccineLimits.QueryCharsMax, MinimumLength = 1)] string Query,
    [property: StringLength(VaccineLimits.AgentCharsMax, MinimumLength = 1)] string? Language = null,
    [property: Range(1, VaccineLimits.BudgetTokensMax)] int BudgetTokens = VaccineSearchTool.BudgetTokens,
    [property: StringLength(Embeddings.ModelCharsMax, MinimumLength = 1)] string? Embedding = null);

/// <summary>What the past forbids for a task, ranked and within a budget, ready to stand in an agent's
/// prompt.</summary>
public sealed class VaccineSearchTool : Tool<VaccineSearchInput>
{
    public const int BudgetTokens = 1_000;

    // a model may be asked, so it is no pure one
    public override ToolDescriptor Descriptor { get; } =
        new("vaccine.search", "vaccines:read", ToolEffect.Idempotent,
        "Finds the vaccines that matter for a task, as lines for an agent's prompt, within a token budget.");

    protected override AegisError? Judge(VaccineSearchInput input) =>
        input.Language is { } language && CodeLanguage.Read(language) is null
            ? VaccineErrors.Malformed("language is not known", string.Join(", ", CodeLanguage.All), language)
            : null;

    protected override async ValueTask<ToolResult> InvokeAsync(
        VaccineSearchInput input, Execution execution, CancellationToken cancel)
    {
        Embedding? meaning = null;
        if (input.Embedding is { } model)
        {
            (meaning, var error) = await Embeddings.OfAsync(model, input.Query, execution, cancel);
            if (error is not null)
            {
                return ToolResult.Fail(error);
            }
        }
        var language = input.Language is { } named ? CodeLanguage.Read(named) : null;
        var found = await execution.Vaccines.SearchAsync(new VaccineQuery(input.Query, language,
            input.BudgetTokens, meaning?.Model, meaning?.Values ?? []), cancel);
        return new ToolResult(true, string.Join('\n', found.Select(v => v.Line)), ToolJson.Element(new
        {
            security_vaccines = found.Select(v => v.Line),
            vaccine_ids = found.Select(v => v.Id),
            tokens = found.Sum(v => VaccineRanking.Tokens(v.Line)),
        }));
    }
}
