using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.RepoMaps;

/// <summary>Definitions by the look of their lines: what serves where ctags is not installed. It takes no
/// strings and comments apart, so a line that only looks like a definition is one. Lines may be hostile: no
/// pattern goes back in one.</summary>
public static partial class SymbolScan
{
    public static ImmutableArray<SymbolDefinition> Of(SourceFile file)
    {
        if (Patterns(file.Language) is not { } patterns)
        {
            return [];
        }
        var found = ImmutableArray.CreateBuilder<SymbolDefinition>();
        var line = 0;
        foreach (var range in file.Text.AsSpan().Split('\n'))
        {
            line++;
            var text = file.Text.AsSpan(range);
            if (text.Length > LineCharsMax)
            {
                continue;
            }
            foreach (var pattern in patterns)
            {
                var match = pattern.Match(text.ToString());
                if (match.Success && !Keywords.Contains(match.Groups["name"].Value))
                {
                    var kind = match.Groups["kind"].Value;
                    found.Add(new SymbolDefinition(match.Groups["name"].Value,
                        kind.Length == 0 ? "method" : kind, line, match.Groups["args"].Value));
                    break;
                }
            }
        }
        return found.ToImmutable();
    }

    internal const int LineCharsMax = 1_000;

    private static readonly HashSet<string> Keywords =
        ["if", "for", "while", "switch", "catch", "return", "new", "function", "using", "lock", "await"];

    private static Regex[]? Patterns(SourceLanguage language) => language switch
    {
        SourceLanguage.JavaScript => [Script(), ScriptConstant(), ScriptMethod()],
        SourceLanguage.Python => [Python()],
        SourceLanguage.CSharp => [CSharpType(), CSharpMember()],
        SourceLanguage.Go => [Go()],
        SourceLanguage.Rust => [Rust()],
        SourceLanguage.Java => [CSharpType(), CSharpMember()],
        _ => null,
    };

    [GeneratedRegex(@"^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+|declare\s+|async\s+)*"
        + @"(?<kind>class|function|interface|enum|type)\b\*?\s*(?<name>[\w$]+)\s*(?<args>\([^)]*\))?",
        RegexOptions.NonBacktracking)]
    private static partial Regex Script();

    [GeneratedRegex(@"^(?:export\s+)?(?<kind>const|let|var)\s+(?<name>[\w$]+)\b",
        RegexOptions.NonBacktracking)]
    private static partial Regex ScriptConstant();

    [GeneratedRegex(@"^\s+(?:static\s+|async\s+|public\s+|private\s+|protected\s+|get\s+|set\s+)*"
        + @"(?<name>[\w$#]+)\s*(?<args>\([^()]*\))\s*(?::[^{]+)?\{\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex ScriptMethod();

    [GeneratedRegex(@"^\s*(?:async\s+)?(?<kind>class|def)\s+(?<name>\w+)\s*(?<args>\([^)]*\))?",
        RegexOptions.NonBacktracking)]
    private static partial Regex Python();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|"
        + @"final|file|ref)\s+)*(?<kind>class|interface|struct|enum|record)\s+(?:struct\s+|class\s+)?"
        + @"(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpType();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|static|override|virtual|abstract|async|"
        + @"final|sealed|synchronized)\s+)+[\w<>\[\]?,. ()]*?\b(?<name>\w+)\s*(?:<[^>]*>)?"
        + @"(?<args>\([^)]*\)?)", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpMember();

    [GeneratedRegex(@"^(?<kind>func|type|const|var)\s+(?:\([^)]*\)\s*)?(?<name>\w+)\s*(?<args>\([^)]*\))?",
        RegexOptions.NonBacktracking)]
    private static partial Regex Go();

    [GeneratedRegex(@"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*"
        + @"(?<kind>fn|struct|enum|trait|mod|type|macro_rules!)\s+(?<name>\w+)\s*(?<args>\([^)]*\))?",
        RegexOptions.NonBacktracking)]
    private static partial Regex Rust();
}
