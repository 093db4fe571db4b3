using System.Collections.Frozen;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Words of a language that the reading of values goes by.</summary>
internal sealed class Vocabulary
{
    private static readonly Vocabulary JavaScript = new(
        quiet: ["new", "await", "typeof", "this", "null", "undefined", "true", "false", "in", "of", "as",
            "function", "return", "async", "void", "string", "number", "any", "const", "let", "var", "static",
            "instanceof", "yield", "if", "else", "switch", "for", "while", "import", "export", "default",
            "class", "extends", "delete", "throw", "case", "interface", "type", "enum", "satisfies", "super",
            "String", "path", "Array", "Object", "JSON", "Promise", "globalThis"],
        tames: ["parseInt", "parseFloat", "Number", "BigInt", "Boolean", "escape", "escapeId", "escapeHtml",
            "escapeHTML", "escapeRegExp", "encodeURIComponent", "encodeURI", "sanitize", "sanitizeHtml",
            "basename", "quoteIdentifier", "quoteIdent", "ident", "literal", "shellQuote", "quote", "length",
            "size", "toFixed", "randomUUID", "realpathSync", "relative", "escapeIdentifier", "escapeLiteral",
            "repeat"],
        requests: ["req", "request", "ctx", "query", "searchParams", "event"],
        requestMembers: ["query", "body", "params", "url", "headers", "cookies", "originalUrl", "path",
            "searchParams", "queryStringParameters", "pathParameters", "get", "param", "files",
            "file", "header", "request"]);

    private static readonly Vocabulary Python = new(
        quiet: ["await", "None", "True", "False", "not", "and", "or", "in", "is", "if", "else", "for",
            "lambda", "self", "cls", "return", "os", "path", "Path", "yield", "async", "def", "class",
            "import", "from", "str", "with", "as", "pathlib"],
        tames: ["int", "float", "len", "bool", "quote", "escape", "secure_filename", "basename", "Identifier",
            "quote_plus", "safe_join", "Literal", "abs", "round", "uuid4", "clean", "list2cmdline", "SQL"],
        requests: ["request", "parse_qs", "parse_qsl", "event"],
        requestMembers: ["args", "form", "json", "values", "get_json", "data", "files", "cookies", "headers",
            "GET", "POST", "query_params", "path_params", "body", "query", "FILES", "url", "path",
            "view_args", "query_string", "match_info", "rel_url"]);

    private static readonly Vocabulary CSharp = new(
        quiet: ["new", "await", "this", "null", "true", "false", "var", "string", "int", "const", "static",
            "return", "typeof", "nameof", "is", "as", "in", "out", "ref", "base", "default", "Path", "String",
            "string", "StringBuilder", "Encoding", "async", "private", "public", "internal", "readonly",
            "if", "else", "for", "foreach", "while", "switch", "case", "using", "throw", "lock"],
        tames: ["Parse", "ToInt32", "ToInt64", "ToDecimal", "ToDouble", "Length", "Count", "NewGuid",
            "HtmlEncode", "Encode", "UrlEncode", "EscapeDataString", "GetFileName",
                "GetFileNameWithoutExtension",
            "QuoteIdentifier", "nameof", "JavaScriptEncode", "Quoted", "GetRelativePath"],
        requests: ["Request", "request", "HttpContext", "httpContext", "context", "ctx", "args"],
        requestMembers: ["Query", "Form", "RouteValues", "Headers", "Cookies", "Body", "QueryString", "Path",
            "Request", "Files"]);

    private static readonly Vocabulary Other = new([], [], [], []);

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> quiet;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> tames;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> requests;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> requestMembers;

    private Vocabulary(string[] quiet, string[] tames, string[] requests, string[] requestMembers)
    {
        this.quiet = Set(quiet);
        this.tames = Set(tames);
        this.requests = Set(requests);
        this.requestMembers = Set(requestMembers);
    }

    public static Vocabulary Of(Grammar language) => language switch
    {
        Grammar.JavaScript => JavaScript,
        Grammar.Python => Python,
        Grammar.CSharp => CSharp,
        _ => Other,
    };

    /// <summary>Says nothing of a value.</summary>
    public bool IsQuiet(ReadOnlySpan<char> word) => quiet.Contains(word);

    /// <summary>What goes through it can do no harm any more: a number, an escaped text, a bare file
    /// name.</summary>
    public bool Tames(ReadOnlySpan<char> word) => tames.Contains(word);

    public bool IsRequest(ReadOnlySpan<char> word) => requests.Contains(word);

    /// <summary>A part of a request that its sender decides.</summary>
    public bool IsRequestMember(ReadOnlySpan<char> word) => requestMembers.Contains(word);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string[] words) =>
        words.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
