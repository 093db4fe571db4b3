using System.Buffers;
using Aegis.Core.Errors;

namespace Aegis.Tools.Git;

/// <summary>Says which names of branches and revisions may reach git: what <c>git check-ref-format
/// --branch</c>
/// takes, and nothing that git could read as an option or a search.</summary>
public static class RefName
{
    public const int LengthMax = 200;
    private static readonly SearchValues<char> SuffixCharacters = SearchValues.Create("~^0123456789");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static bool IsBranch(string name)
    {
        if (name.Length is 0 or > LengthMax || name[0] == '-' || name is "HEAD" or "@"
            || name.EndsWith('.') || name.EndsWith('/')
            || name.Contains("..", StringComparison.Ordinal) || name.Contains("@{", StringComparison.Ordinal))
        {
            return false;
        }
        foreach (var c in name)
        {
            if (c <= ' ' || c == '\x7f' || c is '~' or '^' or ':' or '?' or '*' or '[' or '\\')
            {
                return false;
            }
        }
        return name.Split('/').All(part => part.Length > 0 && part[0] != '.'
            && !part.EndsWith(".lock", StringComparison.Ordinal));
    }

    /// <summary>A branch, a remote branch, a sha, <c>HEAD</c>, each with <c>~n</c> or <c>^n</c> after
    /// it.</summary>
    public static bool IsRevision(string text)
    {
        var end = text.AsSpan().IndexOfAny('~', '^');
        var suffix = end < 0 ? [] : text.AsSpan(end);
        return IsBranchOrHead(end < 0 ? text : text[..end])
            && suffix.Length <= 20 && suffix.IndexOfAnyExcept(SuffixCharacters) < 0;
    }

    public static bool IsSha(string text) =>
        text.Length == 40 && text.AsSpan().IndexOfAnyExcept(HexDigits) < 0;

    public static AegisError Refused(string what, string name) =>
        new("AEGIS2133", $"{what} is not a valid name",
        $"a name as git allows it, at most {LengthMax} characters", name.Length <= 80 ? name
            : name[..80] + "…",
        "use letters, digits, -, _, . and / only")
        {
            Place = new ErrorPlace(ErrorPlace.Step(what)),
        };

    private static bool IsBranchOrHead(string text) => text is "HEAD" or "@" || IsBranch(text);
}
