using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>Programs for text whose small languages can run commands or write files.</summary>
internal static class TextGuards
{
    private static readonly ImmutableArray<string> Awk = ["awk", "gawk", "mawk", "nawk", "original-awk"];

    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("awk.runs", Awk,
            new Pattern(GuardPattern.Find(@"system|getline|@|[^|]\|([^|]|\z)|^\|[^|]|[^<>=!]>|^>")),
            "awk's system(), pipes, getline, @ and > reach other programs and files",
            "keep to patterns and print; write > as a < b turned round",
            ["awk 'BEGIN{system(\"ls\")}'", "awk '{print | \"sh\"}'", "awk '{\"ls\" | getline}'",
            "gawk '@load \"x\"'",
                "awk '{print > \"x\"}'", "awk '{f=\"system\"; @f(\"ls\")}'"],
            ["awk '{print $1}' x", "awk -F '|' '{print $1}' x",
                "awk '$1 == 2 || $2 != 3' x", "awk 'NR <= 3' x"]),
        new("awk.options", Awk,
            new OptionsOtherThan(GuardPattern.Find(@"^(-F.*|-v|--version)\z"), ["-F", "-v"]),
            "the option loads code", "write the program on the line",
            ["awk -f x.awk y", "gawk -l x 'y'", "gawk -i x 'y'", "gawk -E x", "gawk --load=x y"],
            ["awk -F: '{print $1}' x", "awk -F , -v a=1 '{print a}' x"]),
        new("sed.script", ["sed", "gsed"],
            new ScriptOtherThan(
                GuardPattern.Find(@"^([0-9]+|\$|/[^/\\]*/)?(,([0-9]+|\$|/[^/\\]*/))?"
                    + @"(!?[pdqDPNG=]|s/([^/\\\n]|\\[^\n])*/([^/\\\n]|\\[^\n])*/[gpIi0-9]*"
                    + @"|s\|([^|\\\n]|\\[^\n])*\|([^|\\\n]|\\[^\n])*\|[gpIi0-9]*"
                    + @"|s#([^#\\\n]|\\[^\n])*#([^#\\\n]|\\[^\n])*#[gpIi0-9]*|y/[^/\\]*/[^/\\]*/)\z"),
                    "--sandbox"),
            "sed's e, w and r reach other programs and files, and this script may hold them",
            "begin with --sandbox, and sed itself refuses them",
            ["sed 's/a/b/e' x", "sed 'w out' x", "sed '1e ls' x", "sed -n 's/a/b/w out' x", "sed -f x y",
            "sed -e e x",
                "sed -e p -e '1e ls' x", "sed -- 's/a/b/e' --sandbox", "sed '{p;e ls' x",
                "sed 's/a/b/;e ls' x"],
            ["sed -n '1,5p' x", "sed 's/a/b/g' x", "sed -i 's|a|b|' x", "sed --sandbox 's/a/b/;s/c/d/' x",
                "sed -n '$p' x",
                "sed -e 's/a/b/' -e '/x/d' y", "sed -E 's/(a)\\/x/\\1/' x"]),
        new("sqlite.runs", ["sqlite"],
            new Pattern(GuardPattern.Find(
                @"(?i)\.(shell|system|load|import|once|excel|output|open|read)|load_extension|edit\("
                    + @"|^-(init|cmd)")),
            "its dot commands run programs and read files", "use plain SQL",
            ["sqlite3 a.db '.shell ls'", "sqlite3 a.db \"select load_extension('x')\"",
            "sqlite3 -cmd x a.db"],
            ["sqlite3 a.db 'select 1'"]),
        new("psql.runs", ["psql"],
            new Pattern(GuardPattern.Find(@"(?i)\\|program|^-(f|v)|^--(file|set|variable)")),
            "its backslash commands and COPY PROGRAM run programs", "use plain SQL",
            ["psql -c '\\! ls'", "psql -c \"copy x from program 'ls'\"", "psql -f x.sql"],
            ["psql -c 'select 1'"]),
        new("mysql.runs", ["mysql", "mariadb"],
            new Pattern(GuardPattern.Find(@"(?i)\\|system|^--(pager|init|plugin)")),
            "its commands run programs", "use plain SQL", ["mysql -e 'system ls'", "mysql -e '\\! ls'"],
            ["mysql -e 'select 1'"]),
        new("openssl.engine", ["openssl"], new Pattern(GuardPattern.Find(@"^-(engine|provider|config)")),
            "the option loads code", "leave it out", ["openssl req -engine x", "openssl x -provider-path y"],
            ["openssl version"]),
    ];
}
