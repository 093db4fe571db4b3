using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The files that a task's expressions ask for are hashed, or cannot be: it goes on to begin. It
/// may have ended meanwhile.</summary>
public sealed record HashesMade(DateTimeOffset At, int Index, ImmutableArray<FileHashFact> Hashes,
    AegisError? Error) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status is not (TaskStatus.Ready or TaskStatus.RetryWait))
        {
            return;
        }
        if (Error is { } error)
        {
            Progress.Advance(decision, Progress.Fail(decision, Index, error));
            return;
        }
        ImmutableArray<FileHashFact> fresh =
            [.. Hashes.Where(h => RecordedHashes.Find(state.FileHashes, h.Patterns) is null)];
        if (fresh.IsEmpty)
        {
            return;
        }
        decision.Emit(new FilesHashed(decision.State.Plan.Tasks[Index].StepId, fresh));
        if (state.Status == TaskStatus.Ready)
        {
            Progress.Advance(decision, [Index]);
        }
        else if (!decision.State.Holds)
        {
            Progress.Advance(decision, Progress.Begin(decision, Index));
        }
    }
}
