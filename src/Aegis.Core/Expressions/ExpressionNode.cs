using System.Collections.Immutable;

namespace Aegis.Core.Expressions;

/// <summary>A node of a parsed expression.</summary>
/// <param name="At">Offset in the text, from 0.</param>
/// <param name="Depth">1 for a leaf; the parser refuses more than <see cref="Expression.DepthMax"/>.</param>
internal abstract record ExpressionNode(int At, int Depth);

internal sealed record LiteralNode(int At, ExpressionValue Value) : ExpressionNode(At, 1);

internal sealed record RootNode(int At, string Name) : ExpressionNode(At, 1);

internal sealed record IndexNode(int At, ExpressionNode Target, ExpressionNode Index)
    : ExpressionNode(At, 1 + Math.Max(Target.Depth, Index.Depth));

/// <summary><c>target.*</c></summary>
internal sealed record FilterNode(int At, ExpressionNode Target) : ExpressionNode(At, 1 + Target.Depth);

internal sealed record NotNode(int At, ExpressionNode Operand) : ExpressionNode(At, 1 + Operand.Depth);

internal sealed record CompareNode(int At, TokenKind Operator, ExpressionNode Left, ExpressionNode Right)
    : ExpressionNode(At, 1 + Math.Max(Left.Depth, Right.Depth));

/// <summary>A whole chain of one operator, so that a long chain is wide and not deep.</summary>
internal sealed record LogicalNode(int At, bool IsAnd, ImmutableArray<ExpressionNode> Operands)
    : ExpressionNode(At, 1 + Operands.Max(o => o.Depth));

internal sealed record CallNode(int At, ExpressionFunction Function, ImmutableArray<ExpressionNode> Arguments)
    : ExpressionNode(At, 1 + (Arguments.IsEmpty ? 0 : Arguments.Max(a => a.Depth)));

/// <summary>Why a text is no expression, and where.</summary>
internal sealed record ExpressionFault(int At, Errors.AegisError Error);
