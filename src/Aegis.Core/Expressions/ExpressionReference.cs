using System.Collections.Immutable;

namespace Aegis.Core.Expressions;

/// <summary>A place where an expression reads a root, such as <c>steps.build.output</c>.</summary>
/// <param name="Path">The members named by the text itself, up to the first computed index or
/// <c>*</c>.</param>
/// <param name="Tail">What follows the path.</param>
/// <param name="At">Offset in the expression.</param>
/// <param name="ReachesResult">False where only a comparison or a yes-or-no function looks at it, so that its
/// own text cannot come out.</param>
public sealed record ExpressionReference(string Root, ImmutableArray<string> Path, ReferenceTail Tail, int At,
    bool ReachesResult)
{
    public override string ToString() => string.Join('.', [Root, .. Path]) + Tail switch
    {
        ReferenceTail.Filter => ".*",
        ReferenceTail.Computed => "[…]",
        _ => "",
    };
}

public enum ReferenceTail
{
    None,
    Filter,
    Computed,
}

/// <summary>Finds every read of a root in a tree, and the calls that matter outside.</summary>
internal sealed class ReferenceCollector
{
    private readonly List<ExpressionReference> found = [];
    private readonly List<HashFilesCall> hashFiles = [];

    public static ReferenceCollector Of(ExpressionNode root)
    {
        var collector = new ReferenceCollector();
        collector.Visit(root, reaches: true);
        collector.References = [.. collector.found.OrderBy(r => r.At)];
        collector.HashFilesCalls = [.. collector.hashFiles.OrderBy(c => c.At)];
        return collector;
    }

    public ImmutableArray<ExpressionReference> References { get; private set; } = [];

    public ImmutableArray<HashFilesCall> HashFilesCalls { get; private set; } = [];

    public bool AsksStatus => StatusAt is not null;

    /// <summary>Where the first call of success() and its like begins; null where there is none.</summary>
    public int? StatusAt { get; private set; }

    private void Visit(ExpressionNode node, bool reaches)
    {
        switch (node)
        {
            case RootNode or IndexNode or FilterNode:
                VisitPath(node, reaches);
                break;
            case NotNode not:
                Visit(not.Operand, false);
                break;
            case GroupNode group:
                Visit(group.Inner, reaches);
                break;
            case CompareNode compare:
                Visit(compare.First, false);
                foreach (var comparison in compare.Rest)
                {
                    Visit(comparison.Right, false);
                }
                break;
            case LogicalNode logical:
                for (var i = 0; i < logical.Operands.Length; i++)
                {
                    // && hands on an operand before the last only where it is falsy: then it has no text
                    var isLast = i == logical.Operands.Length - 1;
                    Visit(logical.Operands[i], reaches && (isLast || !logical.IsAnd));
                }
                break;
            case CallNode call:
                VisitCall(call, reaches);
                break;
        }
    }

    private void VisitCall(CallNode call, bool reaches)
    {
        if (call.Function.AsksStatus)
        {
            StatusAt = Math.Min(StatusAt ?? call.At, call.At);
        }
        if (call.Function.Name == HashFilesCall.FunctionName)
        {
            hashFiles.Add(new HashFilesCall(call));
        }
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            var isHidden = call.Function.Hides?.Invoke(i, call.Arguments.Length) ?? false;
            Visit(call.Arguments[i], reaches && !isHidden);
        }
    }

    private void VisitPath(ExpressionNode node, bool reaches)
    {
        var path = new Stack<string>();
        var tail = ReferenceTail.None;
        while (node is IndexNode or FilterNode)
        {
            if (node is IndexNode { Index: LiteralNode literal } index)
            {
                path.Push(Coercion.ToText(literal.Value));
                node = index.Target;
                continue;
            }
            path.Clear();
            tail = node is FilterNode ? ReferenceTail.Filter : ReferenceTail.Computed;
            if (node is IndexNode computed)
            {
                Visit(computed.Index, false);
                node = computed.Target;
            }
            else
            {
                node = ((FilterNode)node).Target;
            }
        }
        if (node is RootNode root)
        {
            found.Add(new ExpressionReference(root.Name, [.. path], tail, root.At, reaches));
        }
        else
        {
            Visit(node, reaches);
        }
    }
}
