using System.Collections.Frozen;
using System.Collections.Immutable;
using Aegis.Core.Findings.CodeRules.Rules;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>The built-in rules, looked up by language and word.</summary>
internal sealed class CodeRuleSet
{
    public static ImmutableArray<CodeRule> All { get; } =
    [
        .. JavaScriptRules.All, .. PythonRules.All, .. CSharpRules.All, .. ShellRules.All, .. SqlRules.All,
    ];

    private static readonly FrozenDictionary<Grammar, CodeRuleSet> ByLanguage =
        Enum.GetValues<Grammar>().ToFrozenDictionary(language => language,
            language => new CodeRuleSet(language));

    private readonly FrozenDictionary<string, ImmutableArray<(CodeRule, Call)>>
        .AlternateLookup<ReadOnlySpan<char>> calls;
    private readonly FrozenDictionary<string, ImmutableArray<(CodeRule, CodeMatch)>>
        .AlternateLookup<ReadOnlySpan<char>> names;

    private CodeRuleSet(Grammar language)
    {
        var matches = All.Where(rule => rule.Language == language)
            .SelectMany(rule => rule.Matches, (Rule, Match) => (Rule, Match)).ToList();
        calls = matches.Where(entry => entry.Match is Call)
            .SelectMany(entry => ((Call)entry.Match).Names,
                (entry, name) => (Name: name, Value: (entry.Rule, (Call)entry.Match)))
            .GroupBy(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        names = matches.SelectMany(entry => NamesOf(entry.Match),
                (entry, name) => (Name: name, Value: entry))
            .GroupBy(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        Credentials = matches.FirstOrDefault(entry => entry.Match is Credential).Rule;
        Passwords = matches.FirstOrDefault(entry => entry.Match is PasswordInText).Rule;
    }

    public CodeRule? Credentials { get; }

    public CodeRule? Passwords { get; }

    public static CodeRuleSet Of(Grammar language) => ByLanguage[language];

    public static CodeRule Rule(string id) => All.First(rule => rule.Id == id);

    public ImmutableArray<(CodeRule Rule, Call Call)> Calls(ReadOnlySpan<char> name) =>
        calls.TryGetValue(name, out var found) ? found : [];

    public ImmutableArray<(CodeRule Rule, CodeMatch Match)> Names(ReadOnlySpan<char> name) =>
        names.TryGetValue(name, out var found) ? found : [];

    /// <summary>Examples that do not do what their rule says; a test wants none.</summary>
    public static IEnumerable<string> BrokenExamples() => All.SelectMany(rule =>
        rule.Bad.Where(code => !Hits(rule, code)).Select(code => $"{rule.Id} misses: {code}")
            .Concat(rule.Good.Where(code => Hits(rule, code)).Select(code => $"{rule.Id} hits: {code}")));

    private static bool Hits(CodeRule rule, string code) =>
        CodeScan.Of($"x.{Ending(rule.Language)}", code).Any(finding => finding.Rule == rule.Id);

    private static string Ending(Grammar language) => language switch
    {
        Grammar.JavaScript => "ts",
        Grammar.Python => "py",
        Grammar.CSharp => "cs",
        Grammar.Shell => "sh",
        _ => "sql",
    };

    private static IEnumerable<string> NamesOf(CodeMatch match) => match switch
    {
        Assigned assigned => assigned.Names,
        Option option => [option.Name],
        Mention mention => mention.Words,
        AlwaysTrue always => always.Names,
        Returned => ["return"],
        _ => [],
    };
}
