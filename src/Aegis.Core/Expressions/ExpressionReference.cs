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

/// <summary>Finds every read of a root in a tree.</summary>
internal sealed class ReferenceCollector
{
    private readonly ImmutableArray<ExpressionReference>.Builder found =
        ImmutableArray.CreateBuilder<ExpressionReference>();

    private bool asksStatus;

    public static (ImmutableArray<ExpressionReference> References, bool AsksStatus) Collect(
        ExpressionNode root)
    {
        var collector = new ReferenceCollector();
        collector.Visit(root, reaches: true);
        collector.found.Sort((a, b) => a.At.CompareTo(b.At));
        return (collector.found.ToImmutable(), collector.asksStatus);
    }

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
            case CompareNode compare:
                Visit(compare.Left, false);
                Visit(compare.Right, false);
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
                asksStatus |= call.Function.AsksStatus;
                foreach (var argument in call.Arguments)
                {
                    Visit(argument, reaches && !call.Function.AnswersBoolean);
                }
                break;
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
