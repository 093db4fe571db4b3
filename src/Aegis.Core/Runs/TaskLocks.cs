using System.Collections.Immutable;
using Aegis.Core.Expressions;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Locks;

namespace Aegis.Core.Runs;

/// <summary>Resources of the project that a task holds from its first attempt to its end.</summary>
internal static class TaskLocks
{
    public static ImmutableArray<int> Ask(Decision d, int index)
    {
        var task = d.State.Plan.Tasks[index];
        var context = new RunExpressionContext(d.State, task);
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var template in task.Options.Locks)
        {
            var name = Template.RenderText(template, context);
            if ((name.Error ?? LockName.Fault(name.Value!)) is { } error)
            {
                return Progress.Fail(d, index, error);
            }
            names.Add(name.Value!);
        }
        d.Then(new RunEffect.AcquireLocks(index, [.. names.Distinct(StringComparer.Ordinal)]));
        return [];
    }

    /// <summary>At a task's end: gives back what it holds, and what it may still wait for.</summary>
    public static void Release(Decision d, int index)
    {
        var task = d.State.Plan.Tasks[index];
        if (task.Options.Locks.IsEmpty)
        {
            return;
        }
        if (d.State.Tasks[index].Locks is { } held)
        {
            d.Emit(new ResourceReleased(task.StepId, held));
        }
        d.Then(new RunEffect.ReleaseLocks(index));
    }
}
