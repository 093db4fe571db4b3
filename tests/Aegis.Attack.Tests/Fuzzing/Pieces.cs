namespace Aegis.Attack.Fuzzing;

/// <summary>Texts that have broken readers before.</summary>
internal static class Pieces
{
    public static readonly string[] Text =
    [
        "", " ", "\t", "\n", "\r", "\r\n", "\0", "\u0085", "\u2028", "\u2029", "\uFEFF", "\uFFFE", "\uFFFF",
        "é", "e\u0301", "😀", "\ud800", "\udc00", "İ", "ß", "ﬀ", "٣", "𝟛", "'", "\"", "\\", "`", "$", "${",
        "${{", "}}", "%s", "%00", "../", "..\\", "/", "//", "~", "*", "?", "#", "&", "|", ">", "<", "-", "--",
        "0", "-0", "1e999", "1e-999", "0x", "0o", "NaN", ".inf", "null", "true", "False", "~",
        "9007199254740993", "-9223372036854775809", "99999999999999999999999999999999999999999", "1_000",
        "' OR 1=1 --", "'; DROP TABLE events; --", "\\u0000", "{{", "}}}", "[[[[", "]]]]", "<<", "&a", "*a",
        "!!binary", "%YAML 1.1", "---", "...", "key: value", "- item", "? ", ": ", "|2-", ">+",
    ];

    public static readonly string[] Expression =
    [
        "inputs", "steps", "env", "context", "run", "item", "index", "secrets", ".a", "['a']", "[0]", "[*]",
        ".*", "(", ")", "!", "==", "!=", "<", "<=", ">", ">=", "&&", "||", ",", "'x'", "''''", "'", "1",
        "-1", "0x1F", "1e9", "NaN", "Infinity", "true", "false", "null", "contains(", "startsWith(",
            "format(",
        "'{0}'", "'{{}}'", "'{1000000000}'", "join(", "toJSON(", "fromJSON(", "'[1,[2]]'", "hashFiles(",
        "'**'", "success()", "failure()", "always()", "cancelled()", "case(", " ", "\t", "é", "😀",
    ];

    public static string Any(Random random, string[] pieces) => pieces[random.Next(pieces.Length)];
}
