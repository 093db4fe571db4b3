using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Tells by its first tokens what a value is.</summary>
internal static class WrittenForm
{
    /// <summary>A function is written there, and not what it gives back.</summary>
    public static bool IsFunction(CodeSource source, int at)
    {
        at = source.Span(at) is "async" or "static" ? at + 1 : at;
        at = source.Is(at, "(") && !source.Is(source.Mate(at) + 1, "=>") ? at + 1 : at;
        return source.Span(at) is "function" or "lambda"
            || source.Is((source.Is(at, "(") ? source.Mate(at) : at) + 1, "=>");
    }

    /// <summary>It begins with a path, or with an address whose host is written out.</summary>
    public static bool HasHost(CodeSource source, int at)
    {
        var first = source.OpensText(at) ? at + 1 : at;
        var text = source.Span(first);
        var host = text.IndexOf("://");
        return source.Kind(first) == TokenKind.Text
            && (text is ['/', not '/', ..] || (host > 0 && text[(host + 3)..].IndexOf('/') > 0));
    }
}
