namespace Aegis.Core.Findings.CodeRules.Lexing;

internal enum TokenKind : byte
{
    Word,
    Number,

    /// <summary>The inside of a string literal, or a piece of one with holes.</summary>
    Text,

    /// <summary>A bracket, the beginning of a string with holes, or of a hole.</summary>
    Open,
    Close,
    Sign,

    /// <summary>The end of a line, where the language ends statements by it.</summary>
    Line,
}

/// <summary>A place in the source; its text is read there.</summary>
internal readonly record struct CodeToken(TokenKind Kind, int Start, int Length, int Line);
