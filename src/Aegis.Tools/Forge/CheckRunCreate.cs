using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Forge;

/// <summary>Makes a check run of a commit, with a review's findings as annotations, once however often the
/// call is tried.</summary>
public sealed class CheckRunCreate : Tool<CheckRunCreateInput>
{
    /// <summary>Annotations of one request, as at GitHub.</summary>
    public const int BatchMax = 50;

    /// <summary>Annotations of one check run; what is more is counted in its summary.</summary>
    public const int AnnotationsMax = 1_000;

    public override ToolDescriptor Descriptor { get; } = new("repo.check.create", "tools:forge",
        ToolEffect.Reconcilable, "Makes a check run of a commit, with findings as annotations.");

    protected override async ValueTask<ToolResult> InvokeAsync(CheckRunCreateInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null || Commit.Of(execution, input.Sha, out error) is not { } sha)
        {
            return ToolResult.Fail(error!);
        }
        (var report, error) = CheckRunReport.Of(input, input.Name);
        if (report is null)
        {
            return ToolResult.Fail(error!);
        }
        var id = CallMarker.IdOf(execution.Context);
        (var check, error) = await forge.MakeOnceAsync(() => FindAsync(forge, input.Name, sha, id, cancel),
            "/check-runs", report.First(input.Name, sha, id), cancel);
        if (check is { } made)
        {
            (check, error) = await report.FinishAsync(forge, made, always: false, cancel);
        }
        return check is { } whole ? report.Answer(whole) : ToolResult.Fail(error!);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(CheckRunCreateInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null || Commit.Of(execution, input.Sha, out _) is not { } sha
            || CheckRunReport.Of(input, input.Name).Report is not { } report)
        {
            return new ProbeResult.NotHappened();
        }
        (var found, error) = await FindAsync(forge, input.Name, sha, CallMarker.IdOf(execution.Context),
            cancel);
        // one that lacks annotations is found again when the call runs, and goes on
        return error is not null ? new ProbeResult.Unknown(error.ToString())
            : found is { } check && report.IsAt(check) ? new ProbeResult.Happened(report.Answer(check))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<(JsonElement? Found, AegisError? Error)> FindAsync(ForgeClient forge,
        string name, string sha, string id, CancellationToken cancel)
    {
        var (checks, error) = await forge.ListAsync(
            $"/commits/{sha}/check-runs?check_name={Uri.EscapeDataString(name)}&filter=all&", "check_runs",
            cancel);
        return (checks.Where(c => c.GetProperty("external_id").GetString() == id)
            .Select(c => (JsonElement?)c).FirstOrDefault(), error);
    }
}
