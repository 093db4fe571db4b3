namespace Aegis.Core.Expressions;

/// <summary>Which stage refused an expression, as GitHub's library divides them.</summary>
public enum ExpressionErrorKind
{
    Lexing,
    Parsing,
    Evaluation,
}
