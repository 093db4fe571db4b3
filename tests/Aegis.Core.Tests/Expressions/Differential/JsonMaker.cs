using System.Text;
using System.Text.Json;

namespace Aegis.Core.Tests.Expressions.Differential;

/// <summary>Random JSON with everything that is odd about it: whole numbers and twice-used words among the
/// names, numbers beyond a double, text of every script.</summary>
internal sealed class JsonMaker(Random random)
{
    public static readonly string[] Names =
    [
        "a", "b", "A", "B", "name", "Name", "items", "0", "1", "2", "10", "01", "x-y", "_z", "key with space",
        "é", "É", "straße", "STRASSE", "ΟΔΟΣ", "οδος", "İ", "k", "\u212a", "", "true", "null", "𐐨", "length",
        "4294967294", "4294967295", "-1", "1.5", "Array", "🚀",
    ];

    public static readonly string[] Numbers =
    [
        "0", "-0", "1", "2", "3", "-1", "10", "42", "0.1", "0.30000000000000004", "1.5", "-2.75", "1e3",
        "1E+3", "1e-7", "0.000001", "1e21", "123456789012345680000", "1.7976931348623157e308", "5e-324",
        "1e400", "-1e400", "9007199254740993", "0.1234567890123456789", "1e-16", "4.35", "2.5e-15", "100",
        "255", "1e15", "0.0000152587890625", "123456789.123456789", "3.0", "1.10",
    ];

    public static readonly string[] Texts =
    [
        "", "a", "A", "abc", "ABC", "aBc", "b", "hello world", "0", "1", "-1", "1.0", " 1 ", "0x1F", "0X1f",
        "0o17", "0b11", "0xFFFFFFFFFFFFFFFFFF", "-0x1", "1e3", ".5", "5.", "Infinity", "-Infinity", "NaN",
        "true", "false", "null", "it's", "''", "{0}", "{{0}}", "{1}{0}", "}", "[1,2]", "{\"a\":1}",
        "[\"a\",{\"B\":null}]", "\"x\"", "straße", "STRASSE", "ß", "ﬁ", "FI", "İ", "i̇", "ı", "I", "ΟΔΟΣ",
        "οδος", "οδοσ", "Σ", "ſ", "ŉ", "🚀", "𐐨", "𐐀", "\u00a0 7 \ufeff", "\u0085", "\t\n", "line\nbreak",
        "tab\t", "quote\"", "back\\slash", "\u0001\u001f\u007f", "\u2028", "é", "e\u0301", "1_000", "+5",
        "--5", "1e", "0x", "z", "Z", "_", "ǆ", "ǅ", "refs/heads/Main",
    ];

    public string Value(int depth) => random.Next(depth <= 0 ? 5 : 8) switch
    {
        0 => random.Next(4) == 0 ? "null" : random.Next(2) == 0 ? "true" : "false",
        1 => Number(),
        <= 4 => Quoted(Pick(Texts)),
        5 => "[" + string.Join(',', Some(() => Value(depth - 1))) + "]",
        _ => Object(depth - 1),
    };

    public string Number() => random.Next(4) switch
    {
        0 => $"{random.Next(-1_000_000, 1_000_000) / 65_536.0 / (1 << random.Next(4)):R}",
        1 when BitConverter.Int64BitsToDouble(random.NextInt64()) is var any && double.IsFinite(any) =>
            $"{any:R}",
        _ => Pick(Numbers),
    };

    public string Object(int depth) =>
        "{" + string.Join(',', Some(() => $"{Quoted(Pick(Names))}:{Value(depth)}")) + "}";

    /// <summary>Escaped now and then where it need not be.</summary>
    public string Quoted(string text)
    {
        if (random.Next(4) != 0)
        {
            return JsonSerializer.Serialize(text);
        }
        var escaped = new StringBuilder("\"");
        foreach (var c in text)
        {
            escaped.Append($"\\u{(int)c:x4}");
        }
        return escaped.Append('"').ToString();
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private IEnumerable<string> Some(Func<string> make)
    {
        for (var n = random.Next(5); n > 0; n--)
        {
            yield return make();
        }
    }
}
