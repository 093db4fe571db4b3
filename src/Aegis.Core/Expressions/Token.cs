namespace Aegis.Core.Expressions;

internal enum TokenKind
{
    End,
    Open,
    Close,
    OpenIndex,
    CloseIndex,
    Comma,
    Dot,
    Star,
    Not,
    NotEqual,
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    And,
    Or,
    Literal,
    Name,
}

/// <param name="At">Offset of its first character, from 0.</param>
/// <param name="Text">The characters as written.</param>
internal readonly record struct Token(TokenKind Kind, int At, string Text, ExpressionValue? Value = null);
