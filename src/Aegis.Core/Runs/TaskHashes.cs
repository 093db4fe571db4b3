using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs;

/// <summary>
/// Hashes of files that a task's expressions ask for. The core reads no files: before a text with
/// <c>hashFiles()</c> is evaluated, the patterns are found, the engine hashes, and the answers become a fact;
/// then the text is evaluated with them. A call inside another one's arguments takes one more round.
/// </summary>
public static class TaskHashes
{
    /// <summary>Calls of one task whose answers are kept.</summary>
    public const int CallsMax = 256;

    /// <summary>Patterns that the outputs of a task ask for once it has a result.</summary>
    /// <param name="known">Answers that are there already.</param>
    public static ImmutableArray<ImmutableArray<string>> OfOutputs(RunState run, int index, string? output,
        JsonElement? outputs, ImmutableArray<FileHashFact> known)
    {
        var task = run.Plan.Tasks[index];
        if ((task.Hashes & HashUse.Outputs) == 0)
        {
            return [];
        }
        var state = run.Tasks[index];
        var done = state with
        {
            Status = TaskStatus.Succeeded,
            Output = output,
            Outputs = outputs,
            FileHashes = [.. state.FileHashes ?? [], .. known],
        };
        return Missing(task, HashUse.Outputs, done.FileHashes,
            new RunExpressionContext(run, task, new SelfResult(index, done)));
    }

    /// <summary>Asks for what is missing before a part of a task can be evaluated.</summary>
    /// <returns>True where something was asked for: the task goes on with the answer.</returns>
    internal static bool Ask(Decision d, int index, HashUse part)
    {
        var task = d.State.Plan.Tasks[index];
        if ((task.Hashes & part) == 0)
        {
            return false;
        }
        var missing = Missing(task, part, d.State.Tasks[index].FileHashes,
            new RunExpressionContext(d.State, task));
        if (!missing.IsEmpty)
        {
            d.Then(new RunEffect.HashFiles(index, missing));
        }
        return !missing.IsEmpty;
    }

    // a call whose patterns cannot be made fails where it is evaluated, if it ever is
    private static ImmutableArray<ImmutableArray<string>> Missing(PlanTask task, HashUse part,
        ImmutableArray<FileHashFact>? known, RunExpressionContext context)
    {
        var missing = new List<ImmutableArray<string>>();
        foreach (var call in HashCalls.Of(task, part))
        {
            if (call.PatternsIn(context).Patterns is { } patterns
                && RecordedHashes.Find(known, patterns) is null
                && !missing.Exists(m => m.SequenceEqual(patterns, StringComparer.Ordinal))
                && missing.Count + (known?.Length ?? 0) < CallsMax)
            {
                missing.Add(patterns);
            }
        }
        return [.. missing];
    }
}
