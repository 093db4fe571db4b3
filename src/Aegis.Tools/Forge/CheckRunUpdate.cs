using Aegis.Gate;

namespace Aegis.Tools.Forge;

/// <summary>Changes a check run. Findings are all that it is to show, those that it shows already
/// first.</summary>
public sealed class CheckRunUpdate : Tool<CheckRunUpdateInput>
{
    public override ToolDescriptor Descriptor { get; } = new("repo.check.update", "tools:forge",
        ToolEffect.Idempotent, "Changes a check run: status, conclusion, words, annotations.");

    protected override async ValueTask<ToolResult> InvokeAsync(CheckRunUpdateInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return ToolResult.Fail(error!);
        }
        (var report, error) = CheckRunReport.Of(input, null);
        if (report is null)
        {
            return ToolResult.Fail(error!);
        }
        (var check, error) = await forge.GetAsync($"/check-runs/{input.Id}", cancel);
        if (check is { } there)
        {
            (check, error) = await report.FinishAsync(forge, there, always: true, cancel);
        }
        return check is { } whole ? report.Answer(whole) : ToolResult.Fail(error!);
    }
}
