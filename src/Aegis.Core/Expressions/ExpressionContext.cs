using Aegis.Core.FileHashes;

namespace Aegis.Core.Expressions;

/// <summary>What an expression can see: its root names, and the status that <c>success()</c>,
/// <c>failure()</c>, <c>always()</c> and <c>cancelled()</c> ask for. Roots are resolved lazily, so that a run
/// of 10,000 tasks does not build its whole <c>steps</c> object for each condition.</summary>
public abstract class ExpressionContext
{
    /// <summary>The value of a root (<c>inputs, env, context, steps, run, item, index, secrets</c>), or null
    /// where this context has no such root.</summary>
    public abstract ExpressionValue? Root(string name);

    /// <summary>Every needed task ended with conclusion success (or was allowed to fail), and the run is not
    /// cancelled.</summary>
    public abstract bool Success { get; }

    /// <summary>A needed task, or one above it, failed.</summary>
    public abstract bool Failure { get; }

    public abstract bool Cancelled { get; }

    /// <summary>What <c>hashFiles()</c> asks, or null where there is no workspace.</summary>
    public virtual IFileHashes? Files => null;
}
