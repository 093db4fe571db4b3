using System.Text;

namespace Aegis.Core.Tests.Expressions.Differential;

/// <summary>Random expressions: trees of every operator and function, odd literals and spaces, and now and
/// then broken ones.</summary>
internal sealed class ExpressionMaker(Random random, IReadOnlyList<string> roots)
{
    private static readonly string[] Spaces = ["", "", "", " ", " ", "  ", "\t", "\n", "\r\n", " \n\t "];

    private static readonly string[] OddSpaces = ["\u00a0", "\v", "\f", "\u2003", "\ufeff", "\u0085", "\0"];

    private static readonly string[] Operators = ["==", "!=", "<", "<=", ">", ">=", "&&", "||"];

    private static readonly string[] Numbers =
    [
        "0", "1", "2", "3", "-1", "+1", "1.5", ".5", "5.", "-.5", "1e3", "1E-3", "1e21", "1e-7", "0x1F",
        "0XaB", "0o17", "0O7", "0b101", "0xFFFFFFFF", "0x1FFFFFFFFFFFFF1", "-0", "NaN", "Infinity",
        "-Infinity", "+Infinity", "0.1", "1e400", "9007199254740993", "010", "00", "1.2.3", "1e", "0x", "-",
        "+", ".", "-0x1", "1_0", "0xG", "1a", "4.35", "0.30000000000000004", "123456789.123456789", "-NaN",
        "1e-16",
    ];

    private static readonly string[] Junk =
    [
        "(", ")", "[", "]", ",", ".", "*", "!", "=", "==", "&", "&&", "|", "||", "<", ">", "'", "''", "\"",
        "$", "{", "}", "${{", "}}", "?", ":", ";", "+", "-", "/", "%", "@", "#", "~", "`", "\\", "^", "é",
        "🚀", " ", "a", "_", "1", "true", "null", "foo", "case", "format(", "fromJSON(", ".*", "[*]",
        "nope()", "now", "a'b", "=a", "&a", "|a", "<==", "!!", "===",
    ];

    private static readonly string[] Words =
    [
        "true", "false", "null", "True", "NULL", "NaN", "nan", "Infinity", "infinity", "unknown", "a-b", "-a",
        "_", "a.b",
    ];

    private static readonly string[] Patterns =
    [
        "{0}", "{0}{1}", "{1} {0}", "{{{0}}}", "{{}}", "{{0}}", "{0} {{", "}}{0}", "{", "}", "{0", "0}",
        "{}", "{a}", "{0:x}", "{0a}", "{00}", "{-1}", "{ 0}", "{0 }", "{99999999999}", "{2}", "{{0}",
        "{0}}", "{{{0}", "x{0{1}y",
    ];

    public string Make()
    {
        var text = Tree(random.Next(1, 5));
        return random.Next(5) == 0 ? Broken(text) : text;
    }

    private string Tree(int depth)
    {
        if (depth <= 0)
        {
            return Leaf();
        }
        return random.Next(12) switch
        {
            0 or 1 => Tree(depth - 1) + Space() + Pick(Operators) + Space() + Tree(depth - 1),
            2 => Chain(depth),
            3 => "!" + Space() + Tree(depth - 1),
            4 => "(" + Space() + Tree(depth - 1) + Space() + ")" + Dereferences(depth),
            5 or 6 => Root() + Dereferences(depth),
            7 => Leaf(),
            8 => Json() + Dereferences(depth),
            _ => Call(depth) + (random.Next(5) == 0 ? Dereferences(depth) : ""),
        };
    }

    private string Chain(int depth)
    {
        var one = Pick(Operators);
        return string.Join(Space() + one + Space(),
            Enumerable.Range(0, random.Next(2, 6)).Select(_ => Tree(depth - 2)));
    }

    private string Dereferences(int depth)
    {
        var text = new StringBuilder();
        for (var n = random.Next(4); n > 0; n--)
        {
            text.Append(Space()).Append(random.Next(8) switch
            {
                0 => ".*",
                1 => "[" + Space() + "*" + Space() + "]",
                2 => "[" + Tree(depth - 2) + "]",
                3 => "[" + Pick(["0", "1", "'0'", "-1", "1.9", "null", "true", "''", "NaN", "1e9"]) + "]",
                4 or 5 => "[" + Quoted(Pick(JsonMaker.Names)) + "]",
                _ => "." + Space() + Pick(["a", "b", "A", "name", "items", "x-y", "_z", "true", "length"]),
            });
        }
        return text.ToString();
    }

    private string Call(int depth)
    {
        string Any() => Space() + Tree(depth - 1) + Space();
        return random.Next(14) switch
        {
            0 => $"contains({Any()},{Any()})",
            1 => $"startsWith({Any()},{Any()})",
            2 => $"endsWith({Any()},{Any()})",
            3 or 4 => $"format({Quoted(Pick(Patterns))}{string.Concat(Some(3, () => "," + Any()))})",
            5 => $"join({Any()}{string.Concat(Some(1, () => "," + Any()))})",
            6 => $"toJSON({Any()})",
            7 => $"fromJSON({Any()})",
            8 => $"fromJSON(toJSON({Any()}))",
            9 => $"case({Tree(depth - 1)} == {Tree(depth - 1)},{Any()},{Any()})",
            10 => $"case({string.Join(',', Some(6, Any))})",
            11 => Pick(["success", "failure", "always", "cancelled", "ALWAYS"]) + "(" + Space() + ")",
            12 => OddCase(Pick(["contains", "toJson", "fromjson", "format"]))
                + $"({string.Join(',', Some(3, Any))})",
            _ => $"toJSON({Json()}{Dereferences(depth)})",
        };
    }

    private string Json() => $"fromJSON({Quoted(new JsonMaker(random).Value(3))})";

    private string Leaf() => random.Next(7) switch
    {
        0 or 1 => Quoted(Pick(JsonMaker.Texts)),
        2 => random.Next(3) == 0 ? new JsonMaker(random).Number() : Pick(Numbers),
        3 => Pick(["true", "false", "null"]),
        4 => random.Next(3) == 0 ? Pick(Words) : Pick(["1", "'a'", "0", "''"]),
        _ => Root(),
    };

    private string Root() => roots.Count == 0 || random.Next(20) == 0 ? Pick(Words) : OddCase(Pick(roots));

    private string Broken(string text)
    {
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var runes = text.EnumerateRunes().ToList();
            var at = random.Next(runes.Count + 1);
            var (before, after) = (Text(runes.Take(at)), Text(runes.Skip(at)));
            var cut = Math.Min(random.Next(1, 4), runes.Count - at);
            text = random.Next(4) switch
            {
                0 => before + Text(runes.Skip(at + cut)),
                1 => before + Pick(Junk) + after,
                2 => before + (random.Next(3) == 0 ? Pick(OddSpaces) : Pick(Spaces)) + after,
                _ => before + Text(runes.Skip(at).Take(cut)) + after,
            };
        }
        return text;
    }

    private static string Text(IEnumerable<Rune> runes) => string.Concat(runes.Select(r => r.ToString()));

    private string OddCase(string word) => random.Next(6) == 0 ? word.ToUpperInvariant() : word;

    private static string Quoted(string text) =>
        "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private string Space() => random.Next(200) == 0 ? Pick(OddSpaces) : Pick(Spaces);

    private string Pick(IReadOnlyList<string> from) => from[random.Next(from.Count)];

    private List<string> Some(int max, Func<string> make) =>
        [.. Enumerable.Range(0, random.Next(max + 1)).Select(_ => make())];
}
