using System.Collections.Immutable;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Scans one file by the built-in rules: injections, hard-coded credentials, dangerous calls. Pure
/// and deterministic, and linear in the file's length. It reads one file at a time and follows a value
/// through local variables, not through functions: what it finds is worth a look, what it does not find is
/// not proven safe.</summary>
public static class CodeScan
{
    /// <summary>The scanner's name in findings and reports.</summary>
    public const string Tool = "code";

    public const int CharsMax = 16 * 1024 * 1024;
    public const int FindingsMax = 200;

    /// <summary>Says that a file was not read to its end.</summary>
    public const string UnreadRule = "aegis-code-unread";

    /// <summary>True for a file that the rules read.</summary>
    public static bool Reads(string path, string text) => Grammars.Of(path, text) is not null;

    /// <param name="path">Relative; its end tells the language. Other files have no findings.</param>
    public static ImmutableArray<Finding> Of(string path, string text)
    {
        if (Grammars.Of(path, text) is not { } language)
        {
            return [];
        }
        if (text.Length > CharsMax)
        {
            return [Unread(path, $"it has more than {CharsMax} characters")];
        }
        var source = new CodeSource(language, text);
        var found = new FoundCode(path, source);
        var isSpent = language switch
        {
            Grammar.Shell => new ShellWalk(source, found).Walk(),
            Grammar.Sql => new SqlWalk(source, found).Walk(),
            _ => new CodeWalk(source, found).Walk(),
        };
        return source.IsCut ? [.. found.All, Unread(path, $"it has more than {CodeLexer.TokensMax} words")]
            : isSpent ? [.. found.All, Unread(path, "it is too tangled")] : found.All;
    }

    private static Finding Unread(string path, string why) => new(UnreadRule, Tool, FindingSeverity.Warning,
        path, 1, null, $"the file was not scanned to its end: {why}",
        "take generated code out of the repository, or split the file");
}
