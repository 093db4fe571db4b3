using System.Collections.Frozen;

namespace Aegis.Core.Policy;

/// <summary>Builtins that set variables: harmless as far as they name them plainly.</summary>
internal static class Declarations
{
    /// <summary>Builtin → the options without a value that evaluate nothing, and those whose value
    /// follows.</summary>
    private static readonly FrozenDictionary<string, (string Plain, string Valued)> Options =
        new Dictionary<string, (string, string)>
        {
            ["export"] = ("p", ""),
            ["readonly"] = ("aAp", ""),
            ["local"] = ("aArlu", ""),
            ["declare"] = ("aArlug", ""),
            ["typeset"] = ("aArlug", ""),
            ["read"] = ("rse", "adnNptu"),
            ["mapfile"] = ("t", "dnsOu"),
            ["readarray"] = ("t", "dnsOu"),
            ["unset"] = ("v", ""),
        }.ToFrozenDictionary();

    public static bool Are(SimpleCommand command) => Options.ContainsKey(command.Program);

    /// <summary>The variables that it names; none for other commands.</summary>
    public static IEnumerable<string> Names(SimpleCommand command) => !Are(command) ? []
        : command.Words.Skip(1).Select(w => w.Text.Split('=')[0].TrimEnd('+')).Where(IsName);

    /// <summary>An option that evaluates, or a word that is no plain name: a subscript, or a text that is
    /// only known when it runs.</summary>
    public static bool Evaluate(SimpleCommand command)
    {
        if (!Options.TryGetValue(command.Program, out var options))
        {
            return false;
        }
        for (var i = 1; i < command.Words.Length; i++)
        {
            var word = command.Words[i];
            var text = word.Text;
            if (text.Length > 1 && text[0] == '-' && !word.IsOpen)
            {
                var letters = text.AsSpan(1);
                var valued = options.Valued.Length > 0 && options.Valued.Contains(letters[^1]);
                letters = valued ? letters[..^1] : letters;
                if (letters.ContainsAnyExcept(options.Plain))
                {
                    return true;
                }
                // an array's name or a text for a person: a name must be one, a text may be anything
                i += valued ? 1 : 0;
                if (valued && text[^1] is 'a' && (i >= command.Words.Length || !IsPlain(command.Words[i])))
                {
                    return true;
                }
            }
            else if (!IsPlain(word))
            {
                return true;
            }
        }
        // without -v it takes functions away too, and a name then means a program again
        return command.Program == "unset" && command.Words is not [_, { Text: "-v" }, ..];
    }

    private static bool IsPlain(CommandWord word) => !word.MayBeOption && !word.HasGlob
        && IsName(word.Text.Split('=')[0].TrimEnd('+'));

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
