using System.Collections.Immutable;

namespace Aegis.Core.Expressions;

/// <summary>A node of a parsed expression. Chains of operators are wide and not deep, so that how far an
/// evaluation recurses is bounded by the parser's own depth.</summary>
/// <param name="At">Offset in the text, from 0.</param>
internal abstract record ExpressionNode(int At);

internal sealed record LiteralNode(int At, ExpressionValue Value) : ExpressionNode(At);

internal sealed record RootNode(int At, string Name) : ExpressionNode(At);

/// <summary>Parentheses: what stands in them may be indexed, a bare literal may not.</summary>
internal sealed record GroupNode(int At, ExpressionNode Inner) : ExpressionNode(At);

internal sealed record IndexNode(int At, ExpressionNode Target, ExpressionNode Index) : ExpressionNode(At);

/// <summary><c>target.*</c></summary>
internal sealed record FilterNode(int At, ExpressionNode Target) : ExpressionNode(At);

internal sealed record NotNode(int At, ExpressionNode Operand) : ExpressionNode(At);

/// <summary>A chain of comparisons of one strength, from the left.</summary>
internal sealed record CompareNode(int At, ExpressionNode First, ImmutableArray<Comparison> Rest)
    : ExpressionNode(At);

internal readonly record struct Comparison(TokenKind Operator, ExpressionNode Right);

/// <summary>A whole chain of one operator.</summary>
internal sealed record LogicalNode(int At, bool IsAnd, ImmutableArray<ExpressionNode> Operands)
    : ExpressionNode(At);

internal sealed record CallNode(int At, ExpressionFunction Function, ImmutableArray<ExpressionNode> Arguments)
    : ExpressionNode(At);

/// <summary>Why a text is no expression, and where.</summary>
internal sealed record ExpressionFault(int At, Errors.AegisError Error,
    ExpressionErrorKind Kind = ExpressionErrorKind.Lexing);
