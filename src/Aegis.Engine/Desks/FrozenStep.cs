using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;
using Aegis.Engine.Node;
using Aegis.Gate;

namespace Aegis.Engine;

/// <summary>A step that failed in a run that freezes. Another run may look at its files: it gets them as the
/// result of its own step <see cref="StepId"/>, linked and not copied, so whatever is done there changes
/// nothing here.</summary>
public sealed record FrozenStep(RunId Run, string Step)
{
    public const string StepId = "frozen";

    /// <exception cref="AegisException">AEGIS6326: it is not frozen; AEGIS5020: no such run.</exception>
    internal async ValueTask<TaskReused> LinkAsync(
        EngineNode node, Principal by, RunId to, CancellationToken cancel)
    {
        var run = node.Live.Find(by.Tenancy, Run.Value)?.Committed
            ?? throw new AegisException(
                new AegisError("AEGIS5020", $"there is no run {Run} that goes on in this project"));
        if (run.Graph.IndexOf(Step) is not { } index
            || run.Tasks[index] is not { Status: TaskStatus.Frozen } frozen)
        {
            throw new AegisException(new AegisError("AEGIS6326",
                $"step {Step} of run {Run} keeps no files to look at", "a frozen step",
                run.Graph.IndexOf(Step) is { } known
                    ? TaskStatusText.Of(run.Tasks[known].Status) : "no such step",
                "start the run with --freeze, and debug the step before it is resolved"));
        }
        ImmutableArray<string> layers = [.. run.Graph.FilesOf(index)
            .SelectMany(i => RetryPlan.LayersOf(run.Tasks[i])),
            .. frozen.Layer is { } own ? [own] : (string[])[]];
        if (!layers.IsEmpty && (node.Parts.Workspaces is not { } workspaces
            || !await workspaces.LinkAsync(Run.Value, to.Value, layers, cancel)))
        {
            throw new AegisException(new AegisError("AEGIS6326",
                $"the files of step {Step} of run {Run} are gone from this node", "its sealed layers"));
        }
        return new TaskReused(StepId, Run.Value, "success", null, null, null, null,
            layers.IsEmpty ? null : layers);
    }
}
