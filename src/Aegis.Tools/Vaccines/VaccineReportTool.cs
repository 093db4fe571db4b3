using System.ComponentModel.DataAnnotations;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Vaccines;

/// <param name="VaccineId">As the refusal named it.</param>
/// <param name="Reason">Why the code is good.</param>
public sealed record VaccineReportInput(
    [property: StringLength(64, MinimumLength = 1)] string VaccineId,
    [property: StringLength(VaccineLimits.ReasonCharsMax, MinimumLength = 1)] string Reason);

/// <summary>Says that a vaccine stopped good code. It stays in force: taking it back is a door and no tool,
/// so that no model frees itself.</summary>
public sealed class VaccineReportTool : Tool<VaccineReportInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("vaccine.report", "vaccines:write", ToolEffect.Once,
        "Reports that a vaccine stopped good code, for people to look at.");

    protected override async ValueTask<ToolResult> InvokeAsync(
        VaccineReportInput input, Execution execution, CancellationToken cancel)
    {
        var vaccine = await execution.Vaccines.ReportAsync(input.VaccineId, input.Reason, cancel);
        return new ToolResult(true, $"reported {vaccine.Id}", ToolJson.Element(new
        {
            vaccine_id = vaccine.Id, blocked_good = vaccine.Counts.BlockedGood,
        }));
    }
}
