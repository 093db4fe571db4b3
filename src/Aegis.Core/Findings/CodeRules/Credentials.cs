using System.Buffers;
using System.Collections.Frozen;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Tells a credential that is written into code from a name, a place holder or a message.</summary>
internal sealed class Credentials(CodeSource source)
{
    private const int CharsMin = 4;
    private const int CharsMax = 400;

    private static readonly string[] Names =
    [
        "password", "passwd", "passphrase", "secret", "apikey", "token", "accesskey", "secretkey",
        "privatekey", "clientsecret", "credential", "pwd", "contraseña", "contrasena", "clave",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Weak = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "admin", "password", "secret", "root", "changeme", "letmein",
        "hunter", "welcome", "qwerty", "postgres", "test", "supersecret", "mysecret", "secretkey",
        "jwtsecret").GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> Marks = SearchValues.Create("!@$%^&*+=?");

    // of patterns and grammars
    private static readonly SearchValues<char> Syntax = SearchValues.Create("\\[](){}|");

    private static readonly string[] NotReal =
        ["example", "placeholder", "your", "xxxx", "<", "${", "{{", "****", "dummy", "env.", "redacted"];

    /// <summary>Ends with a word for a credential: <c>DB_PASSWORD</c>, <c>apiKey</c>.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        Span<char> plain = stackalloc char[64];
        if (name.Length is 0 or > 64)
        {
            return false;
        }
        var length = 0;
        foreach (var c in name)
        {
            if (c is not ('_' or '-'))
            {
                plain[length++] = char.ToLowerInvariant(c);
            }
        }
        foreach (var word in Names)
        {
            if (plain[..length].EndsWith(word))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The value is one text and nothing else.</summary>
    public bool IsWritten(int target, int from, int end) => source.Kind(from) == TokenKind.Text
        && end == from + 1 && IsName(source.Span(target)) && IsReal(source.Span(target), source.Span(from));

    /// <summary>scheme://user:password@host, or Password=…; in a connection string.</summary>
    public static bool HasPassword(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, CharsMax)];
        var scheme = text.IndexOf("://");
        if (scheme > 0)
        {
            var rest = text[(scheme + 3)..];
            var end = rest.IndexOfAny('/', '?', ' ');
            rest = end < 0 ? rest : rest[..end];
            var at = rest.LastIndexOf('@');
            var colon = rest.IndexOf(':');
            return colon > 0 && at > colon + 1 && rest[0] != '[' && !rest[(at + 1)..].StartsWith("host")
                && IsValue(rest[(colon + 1)..at]);
        }
        foreach (var key in (string[])["Password=", "Pwd="])
        {
            var found = text.IndexOf(key, StringComparison.OrdinalIgnoreCase);
            if (found > 0 && text[found - 1] is ';' or ' ' && text[..found].Contains('='))
            {
                var value = text[(found + key.Length)..];
                var end = value.IndexOf(';');
                return IsValue(end < 0 ? value : value[..end]);
            }
        }
        return false;
    }

    public static bool IsReal(ReadOnlySpan<char> name, ReadOnlySpan<char> value) =>
        value.Length is >= CharsMin and <= CharsMax && !value.ContainsAny(" \t\n") && value[0] is not '/'
            and not '.' and not '#' && !value.Contains("://", StringComparison.Ordinal)
            && !name.Equals(value, StringComparison.OrdinalIgnoreCase) && IsValue(value)
            && (Weak.Contains(value) || value.ContainsAnyInRange('0', '9') || (value.ContainsAny(Marks)
                // a lexer's word for a piece of text is a token too
                && !name.EndsWith("token", StringComparison.OrdinalIgnoreCase)))
            && !value.ContainsAny(Syntax)
            && !LooksLikeName(value);

    private static bool IsValue(ReadOnlySpan<char> value)
    {
        foreach (var word in NotReal)
        {
            if (value.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
        return value.Length > 0 && value[0] is not ('$' or '%' or '{' or '<' or '*');
    }

    // MY_TOKEN_2 names a variable of the environment
    private static bool LooksLikeName(ReadOnlySpan<char> value) => value.Contains('_')
        && !value.ContainsAnyInRange('a', 'z') && !value.ContainsAny(Marks);
}
