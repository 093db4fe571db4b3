using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Aegis.Core.Policy.Guards;

/// <summary>A pattern that meets arguments which a stranger wrote, so it never backtracks. Such an automaton
/// takes half a megabyte, and all of the table's a third of a second: each is made when a command first asks
/// for it.</summary>
internal sealed class GuardPattern
{
    private readonly Lazy<Regex> regex;

    private GuardPattern(string pattern) => regex = new Lazy<Regex>(() =>
        new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    public static GuardPattern Find([StringSyntax("Regex")] string pattern) => new(pattern);

    public bool IsMatch(string text) => regex.Value.IsMatch(text);
}
