using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.FileHashes;

namespace Aegis.Core.Expressions;

/// <summary>A call of <c>hashFiles</c> in an expression. The core reads no files, so whoever evaluates finds
/// the calls first, hashes, and gives the answers by <see cref="ExpressionContext.Files"/>.</summary>
public sealed class HashFilesCall
{
    internal const string FunctionName = "hashFiles";

    private readonly CallNode call;

    internal HashFilesCall(CallNode call)
    {
        this.call = call;
        Literal = call.Arguments.All(a => a is LiteralNode)
            ? [.. call.Arguments.Select(a => Coercion.ToText(((LiteralNode)a).Value))]
            : null;
    }

    /// <summary>Offset in the expression.</summary>
    public int At => call.At;

    /// <summary>The patterns, where the text itself holds all of them; null where some are
    /// computed.</summary>
    public ImmutableArray<string>? Literal { get; }

    /// <summary>The patterns as this context makes them, or why it cannot.</summary>
    public HashFilesPatterns PatternsIn(ExpressionContext context)
    {
        var evaluator = new Evaluator(context);
        ImmutableArray<string> patterns =
            [.. call.Arguments.Select(a => Coercion.ToText(evaluator.Evaluate(a)))];
        return evaluator.Error is { } error
            ? new HashFilesPatterns(null, error)
            : new HashFilesPatterns(patterns, null);
    }

    internal static ExpressionValue Apply(Evaluator evaluator, ExpressionValue[] a)
    {
        if (evaluator.Context.Files is not { } files)
        {
            return evaluator.Fail("AEGIS1089", "hashFiles() has no workspace here",
                "a place that has one: aegis expr --workspace DIR");
        }
        var answer = files.HashOf([.. a.Select(Coercion.ToText)]);
        return answer.Error is { } error
            ? evaluator.Fail(error.Code, error.Message, error.Expected, error.Got, error.Mend)
            : evaluator.Text(answer.Hash!);
    }
}

public readonly record struct HashFilesPatterns(ImmutableArray<string>? Patterns, AegisError? Error);
