using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Aegis.Core.Policy.Guards;

internal static class GuardPattern
{
    /// <summary>Patterns meet arguments that a stranger wrote, so none of them may backtrack.</summary>
    public static Regex Find([StringSyntax("Regex")] string pattern) =>
        new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
}
