using System.Text;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Gate;

namespace Aegis.Tools.Artifacts;

/// <summary>What a step found, kept as an artifact of its run: <c>reports/STEP.ENDING</c>.</summary>
internal static class StepReport
{
    public static async ValueTask<ArtifactVersion?> KeepAsync(
        Execution execution, string ending, JsonElement report, CancellationToken cancel)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(report.GetRawText()));
        // null on a node that keeps none: the step is no worse for it
        return await execution.PutArtifactAsync(
            new ArtifactPut(null, $"reports/{execution.Context.StepId}.{ending}", content), cancel);
    }
}
