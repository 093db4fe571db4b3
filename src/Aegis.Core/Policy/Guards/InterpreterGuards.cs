using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>A script of the repository may run where the list says so; code on the command line, from the
/// input or loaded by an option may not.</summary>
internal static class InterpreterGuards
{
    private const string InlineReason = "the option runs or loads code that nobody reviewed";
    private const string InlineMend = "put the code into a script of the repository";
    private const string InputReason = "it would run what it reads from its input";
    private const string InputMend = "name a script";

    private static readonly ImmutableArray<string> Node = ["node", "nodejs"];
    private static readonly ImmutableArray<string> Python = ["python", "pypy", "python-dbg"];

    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("python.inline", Python,
            new OptionsOtherThan(GuardPattern.Find(@"^(-[BEIOPSsuvqbR]+|-V|--version|-h|--help|-m)\z")),
            InlineReason, InlineMend,
            ["python -c 'import os'", "python3 -Ic x", "python3.11 -cimport", "python -X x=y a.py",
            "python -i a.py",
                "/usr/bin/python3 -c x", "python -mpdb", "python -W x a.py"],
            ["python a.py -c x", "python3 -m pytest -c setup.cfg", "python -u a.py", "python --version"]),
        new("python.module", Python,
            new Pair("-m", GuardPattern.Find(@"^(timeit|pdb|bdb|code|codeop|trace|profile|cProfile|runpy"
                + @"|idlelib|asyncio"
                + @"|doctest|IPython|ptpython|bpython|site|zipapp|webbrowser|antigravity|pydoc"
                + @"|ensurepip)(\.|\z)")),
            "the module runs code from the command line or for people", InlineMend,
            ["python -m timeit x", "python3 -m pdb -c x a.py", "python -m code",
            "python -u -m cProfile a.py"],
            ["python -m pytest", "python -m unittest", "python -m pip install x"]),
        new("python.input", Python, new ReadsInput(GuardPattern.Find(@"^(-V|--version|-h|--help)\z")),
            InputReason,
            InputMend, ["python", "python3 -", "python /dev/stdin", "python -u"],
            ["python a.py", "python --version", "python -m pytest"]),
        new("node.inline", Node,
            new OptionsOtherThan(GuardPattern.Find(@"^(-v|--version|-h|--help|--test|--check"
                + @"|--enable-source-maps"
                + @"|--no-warnings|--trace-warnings|--no-deprecation|--throw-deprecation"
                + @"|--experimental-strip-types"
                + @"|--experimental-test-coverage|--experimental-vm-modules|--test-only"
                + @"|--test-reporter=(spec|tap|dot|junit|lcov)|--max-old-space-size=[0-9]+"
                + @"|--test-concurrency=[0-9]+)\z")),
            InlineReason, InlineMend,
            ["node -e x", "node -p x", "node --eval x", "node -r ./x a.js", "node --require ./x a.js",
            "node -pe x",
                "node --import ./x a.js", "node --loader ./x a.js", "nodejs -e x", "node --inspect a.js"],
            ["node a.js -e x", "node --test", "node --test ./test", "node --version"]),
        new("node.input", Node, new ReadsInput(GuardPattern.Find(@"^(-v|--version|-h|--help|--test)\z")),
            InputReason,
            InputMend, ["node", "node -", "node /dev/fd/0"], ["node a.js", "node --test", "node -v"]),
        new("perl.inline", ["perl"],
            new OptionsOtherThan(GuardPattern.Find(@"^(-[wWTt]+|-v|-V|--version|-h)\z")),
            InlineReason, InlineMend, ["perl -e x", "perl -ne x", "perl -Mx a.pl", "perl -pi -e x",
                "perl -I. a.pl"],
            ["perl a.pl -e", "perl -w a.pl"]),
        new("ruby.inline", ["ruby", "jruby", "irb"],
            new OptionsOtherThan(GuardPattern.Find(@"^(-[wv]+|--version|-h|--help)\z")),
            InlineReason, InlineMend, ["ruby -e x", "ruby -rx a.rb", "ruby -ne x", "irb -r x"],
            ["ruby a.rb -e", "ruby -w a.rb"]),
        new("php.inline", ["php"], new OptionsOtherThan(GuardPattern.Find(@"^(-[nqvl]+|--version|--help)\z")),
            InlineReason, InlineMend, ["php -r x", "php -d a=b x.php", "php -a", "php8.2 -r x"],
            ["php x.php", "php -l x.php"]),
        new("script.input", ["perl", "ruby", "irb", "php", "lua", "luajit", "tclsh", "wish", "Rscript", "R",
            "julia",
                "guile", "racket", "ghci", "scala", "groovy", "jshell", "erl", "iex", "elixir", "ocaml",
                "sbcl", "clisp",
                "octave", "gnuplot", "bc", "dc", "m4", "gjs", "qjs", "d8"],
            new ReadsInput(GuardPattern.Find(@"^(-[vV]|--version|-h|--help)\z")), InputReason, InputMend,
            ["perl", "ruby -", "lua", "php /dev/stdin", "bc"], ["perl a.pl", "lua a.lua", "php --version"]),
        new("script.inline", ["lua", "luajit", "tclsh", "wish", "Rscript", "R", "julia", "guile", "racket",
            "ghci",
                "scala", "groovy", "jshell", "erl", "iex", "elixir", "ocaml", "sbcl", "clisp", "octave",
                "gnuplot", "gjs",
                "qjs", "d8", "osascript", "jjs", "rhino"],
            new OptionsOtherThan(GuardPattern.Find(@"^(-v|--version|-h|--help)\z")), InlineReason, InlineMend,
            ["lua -e x", "Rscript -e x", "julia -e x", "groovy -e x"], ["lua a.lua", "Rscript a.R"]),
        new("deno.inline", ["deno", "bun"],
            new Verb(["eval", "repl", "x", "exec", "jupyter", "create", "upgrade", "install", "compile"],
                new Always()),
            InlineReason, InlineMend, ["deno eval x", "bun x y", "bun exec ls"],
                ["deno test", "bun test", "bun run build"]),
        new("deno.option", ["deno", "bun"],
            new OptionsOtherThan(GuardPattern.Find(@"^(-v|--version|-h|--help|-q|--quiet)\z")),
            InlineReason, InlineMend, ["bun -e x", "bun --preload x a.ts", "deno -A run x"],
                ["bun test", "deno --version"]),
        new("deno.input", ["deno", "bun"], new ReadsInput(GuardPattern.Find(@"^(-v|--version|-h|--help)\z")),
            InputReason,
            InputMend, ["deno", "bun -"], ["bun --version", "deno test"]),
        new("java.agent", ["java", "javaw"],
            new Pattern(GuardPattern.Find(@"^(-(agentlib|agentpath|javaagent)|-XX:(On|Flags)|@|--source\z)")),
            "the option loads an agent or runs a program", "leave it out",
            ["java -javaagent:x.jar -jar a.jar", "java -XX:OnError=ls X", "java @opts"], ["java -jar a.jar"]),
    ];
}
