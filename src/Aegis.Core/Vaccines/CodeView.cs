namespace Aegis.Core.Vaccines;

/// <summary>
/// Code as a check should see it: comments are blanks, and so are the other kinds of quotes inside of a
/// string, so that neither a comment nor a test's name that only talks about a mistake looks like it. Every
/// character keeps its place. Dropping what a regular expression found inside of a comment was rejected: a
/// match that begins there swallows the real one behind it.
/// </summary>
public static class CodeView
{
    public static string Of(string? language, string text) => CommentStyle.Of(language) is { } style
        ? new CodeViewer(text, style).Read() : text;
}

/// <summary>How a language writes comments and strings.</summary>
/// <param name="Quotes">Those that end with their line.</param>
/// <param name="LongQuotes">Those that go over lines.</param>
internal sealed record CommentStyle(string[] Line, bool Blocks, string Quotes, string LongQuotes,
    bool Triples = false, bool Regexes = false, bool HashNeedsSpace = false)
{
    private static readonly CommentStyle C = new(["//"], true, "\"'", "");
    private static readonly CommentStyle Js = new(["//"], true, "\"'", "`", Regexes: true);
    private static readonly CommentStyle Go = new(["//"], true, "\"'", "`");
    private static readonly CommentStyle Cs = new(["//"], true, "\"'", "", Triples: true);
    private static readonly CommentStyle Python = new(["#"], false, "\"'", "", Triples: true);
    private static readonly CommentStyle Hash = new(["#"], false, "\"'", "", HashNeedsSpace: true);
    private static readonly CommentStyle Shell = new(["#"], false, "", "\"'", HashNeedsSpace: true);
    private static readonly CommentStyle Sql = new(["--"], true, "", "'\"");
    private static readonly CommentStyle Php = new(["//", "#"], true, "", "\"'");

    public static CommentStyle? Of(string? language) => language switch
    {
        "javascript" or "typescript" => Js,
        "csharp" => Cs,
        "python" => Python,
        "shell" => Shell,
        "sql" => Sql,
        "go" => Go,
        "php" => Php,
        "java" or "kotlin" or "rust" or "c" or "cpp" or "swift" or "css" => C,
        "yaml" or "toml" or "ruby" or "docker" or "terraform" => Hash,
        _ => null,
    };
}
